{{ config(materialized='view') }}
{%- set span -%}
    student_key, school_id, enrollment_id, calendar_id, grade, school_year, fte, attends_weekdays, is_primary
{%- endset %}
with

-- a day the last build did not know is touched in any case
days as (
    select * from {{ ref('int_calendar__instructional_days') }}
    where on_date in (select built.on_date from {{ source('landed', 'built_days') }} as built)
),

both_sides as (
    select
        *,
        count(*) over (partition by student_key, school_year) as n_spans,
        true as is_current,
    from {{ ref('int_enrollment__spans') }}
    union all by name
    select
        *,
        count(*) over (partition by student_key, school_year) as n_spans,
        false as is_current,
    from {{ source('landed', 'built_spans') }}
),

-- the order of memberships says who owns a day; it matters where there is more than one
ranked as (
    select
        {{ span }},
        entered_on,
        last_on,
        case when n_spans > 1 then {'entered_on': entered_on, 'tie_no': tie_no} end as place,
        is_current,
    from both_sides
),

changed_spans as (
    select
        * exclude (is_current),
        bool_or(is_current) as is_current,
    from ranked
    group by all
    having {{ is_on_one_side() }}
),

span_days as (
    select distinct
        school_year,
        on_date,
    from (
        select
            {{ span }},
            changed_spans.place,
            days.on_date,
        from changed_spans
        inner join days using (school_id, calendar_id, grade, school_year)
        where days.on_date between changed_spans.entered_on and changed_spans.last_on
        group by all
        having {{ is_on_one_side('changed_spans.is_current') }}
    )
)

select * from span_days
