{{ config(materialized='view') }}
with

touched as (
    select * from {{ ref('int_changes__touched_rosters') }}
),

both_sides as (
    select
        *,
        true as is_current,
    from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from touched)
    union all by name
    select
        *,
        false as is_current,
    from {{ source('landed', 'built_spans') }}
    where school_year in (select touched.school_year from touched)
),

changed_spans as (
    select
        * exclude (is_current),
        bool_or(is_current) as is_current,
    from both_sides
    group by all
    having {{ is_on_one_side() }}
),

-- all memberships of the few students with a changed one, before they meet the days
spans as materialized (
    select both_sides.*
    from both_sides
    where
        (both_sides.student_key, both_sides.school_year)
        in (select (changed.student_key, changed.school_year) from changed_spans as changed)
),

-- a day the last build did not know is touched in any case
days as (
    select * from {{ ref('int_calendar__instructional_days') }}
    where on_date <= (select max(built.on_date) from {{ source('landed', 'built_days') }} as built)
),

-- the order of memberships says who owns a day; it matters where several cover it
member_days as (
    select
        spans.* exclude (is_primary, entered_on, last_on, tie_no),
        case
            when count(*) over (partition by spans.student_key, days.on_date, spans.is_current) > 1
                then row(spans.is_primary, spans.entered_on, spans.tie_no)
        end as place,
        days.on_date,
    from spans
    inner join days
        on
            spans.school_id = days.school_id
            and spans.calendar_id = days.calendar_id
            and spans.grade = days.grade
            and spans.school_year = days.school_year
            and days.on_date between spans.entered_on and spans.last_on
),

span_days as (
    select distinct
        school_year,
        on_date,
    from (
        select
            * exclude (is_current),
            bool_or(is_current) as is_current,
        from member_days
        group by all
        having {{ is_on_one_side() }}
    )
)

select * from span_days
