{{ config(materialized='view') }}
with

{{ judged_stays(ref('int_attendance__student_years')) }},

profile_flags as (
    select
        school_year,
        week_no,
        profile_id,
        unit_no,
        is_whole,
        student_no,
        combination_no,
        measured_parts,
        member_parts,
        result,
    from judged
)

select * from profile_flags
