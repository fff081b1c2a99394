{{ config(materialized='view') }}
with

stays as (
    select distinct
        stay_no,
        student_key,
        student_no,
        school_id,
        enrollment_id,
        calendar_id,
        grade,
    from {{ ref('int_enrollment__spans') }}
),

member_days as (
    select
        days.school_year,
        days.on_date,
        stays.student_key,
        stays.student_no,
        stays.school_id,
        stays.enrollment_id,
        stays.calendar_id,
        stays.grade,
        days.member_parts,
        cast(days.day_state as varchar) as day_state,
        days.is_owner,
        cast(days.overlap_state as varchar) as overlap_state,
        {% for category in absence_categories() -%}
            days.{{ category }}_parts,
        {% endfor %}
    from {{ ref('int_attendance__member_days') }} as days
    inner join stays on days.stay_no = stays.stay_no
)

select * from member_days
