{{ config(materialized='view') }}
with

students as (
    select * from {{ ref('int_attendance__student_years') }}
    where pair_no = 0
    qualify week_no = max(week_no) over (partition by school_year)
),

-- what may still be missed before a tenth is: nothing left, the next part flags; below nothing, it is too late
days_left as (
    select
        students.school_year,
        students.week_no,
        students.student_no,
        students.unit_no,
        students.is_whole,
        students.measured_parts,
        students.absent_parts_0 as absent_parts,
        coalesce(ahead.parts_left, 0) as parts_left,
        (students.measured_parts + coalesce(ahead.parts_left, 0) - 1) // 10 - students.absent_parts_0
            as parts_to_a_tenth,
        cast(floor(parts_to_a_tenth / {{ var('day_parts') }}) as integer) as days_left,
    from students
    left join {{ ref('int_attendance__parts_left') }} as ahead using (school_year, week_no, student_no, unit_no)
)

select * from days_left
