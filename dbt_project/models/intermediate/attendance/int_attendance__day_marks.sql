{{ config(materialized='view') }}
with

events as (
    select
        *,
        {{ mark_parts() }} as parts,
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
