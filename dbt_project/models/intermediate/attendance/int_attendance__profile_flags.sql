{{ config(materialized='view') }}
with

{{ judged_stays(ref('int_attendance__student_years')) }},

-- whoever would not be flagged after every day that is left can still recover; a number of days never becomes smaller
profile_flags as (
    select
        judged.school_year,
        judged.week_no,
        judged.profile_id,
        judged.unit_no,
        judged.is_whole,
        judged.student_no,
        judged.combination_no,
        judged.measured_parts,
        judged.member_parts,
        case
            when judged.result = 'flagged' and not {{ is_chronic('(tested_parts + coalesce(ahead.parts_left, 0))') }}
                then 'recoverable'
            else judged.result
        end as result,
    from judged
    left join {{ ref('int_attendance__parts_ahead') }} as ahead
        on
            judged.student_unit_no = ahead.student_unit_no
            and judged.week_no = ahead.week_no
)

select * from profile_flags
