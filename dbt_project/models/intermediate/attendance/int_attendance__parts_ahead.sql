{{ config(materialized='view') }}
with

first_weeks as (
    select
        school_year,
        min(week_no) as first_no,
        max(week_no) as last_no,
    from {{ ref('int_changes__touched_outlooks') }}
    where is_complete
    group by school_year
),

-- after each week from the one before it with a scheduled day, all from this one on is still ahead
parts_ahead as (
    select
        scheduled.school_year,
        unnest(
            range(
                greatest(
                    coalesce(lag(scheduled.week_no) over student, first_weeks.first_no), first_weeks.first_no
                ),
                least(scheduled.week_no, first_weeks.last_no + 1)
            )
        ) as week_no,
        scheduled.student_unit_no,
        cast(
            sum(scheduled.member_parts) over (student rows between current row and unbounded following) as bigint
        ) as parts_left,
    from {{ ref('int_attendance__scheduled') }} as scheduled
    inner join first_weeks on scheduled.school_year = first_weeks.school_year
    window student as (partition by scheduled.student_unit_no order by scheduled.week_no)
)

select * from parts_ahead
