{{ config(materialized='view') }}
with

events as (
    select
        *,
        case
            when absence_fraction is not null then cast(round({{ var('day_parts') }} * absence_fraction) as bigint)
            when periods_scheduled > 0 then {{ whole_share(var('day_parts'), 'periods_absent', 'periods_scheduled') }}
            when minutes_scheduled > 0 then {{ whole_share(var('day_parts'), 'minutes_absent', 'minutes_scheduled') }}
            else {{ var('day_parts') }}
        end as parts,
    from {{ ref('stg_landed__attendance_events') }}
    where on_date in (select touched.on_date from {{ ref('int_changes__touched_days') }} as touched)
),

day_marks as (
    select
        md5_number_lower(student_key) as student_no,
        school_id,
        on_date,
        count(*) as n_marks,
        {% for category in absence_categories() -%}
            cast(coalesce(sum(parts) filter (category = '{{ category }}'), 0) as bigint) as {{ category }}_parts,
        {% endfor -%}
        count(*) filter (category = 'unmapped') as n_unmapped,
    from events
    group by student_no, school_id, on_date
)

select * from day_marks
