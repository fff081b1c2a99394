{{ config(materialized='view') }}
with

flags as (
    select * from {{ ref('int_attendance__profile_flags') }}
),

profile_chances as (
    select
        flags.school_year,
        flags.week_no,
        flags.profile_id,
        flags.unit_no,
        flags.is_whole,
        flags.student_no,
        flags.combination_no,
        flags.measured_parts,
        flags.member_parts,
        flags.result,
        coalesce(
            flags.result = 'flagged'
            and not flags.tests_days
            and not {{ is_chronic('(flags.tested_parts + ahead.parts_left)') }},
            false
        ) as is_recoverable,
    from flags
    left join {{ ref('int_attendance__parts_left') }} as ahead
        on
            flags.result = 'flagged'
            and flags.school_year = ahead.school_year
            and flags.week_no = ahead.week_no
            and flags.unit_no = ahead.unit_no
            and flags.student_no = ahead.student_no
)

select * from profile_chances
