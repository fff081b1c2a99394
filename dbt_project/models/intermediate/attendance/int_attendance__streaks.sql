{{ config(materialized='view') }}
with

member_days as (
    select
        stays.student_no,
        days.school_year,
        days.on_date,
        sum(days.member_parts) filter (days.day_state <> 'not_submitted')
        = sum(
            days.excused_parts + days.unexcused_parts + days.suspended_out_parts + days.independent_not_counted_parts
        )
        and not bool_or(days.day_state = 'not_submitted') as is_missed,
    from {{ ref('int_attendance__member_days') }} as days
    inner join {{ ref('int_attendance__stays') }} as stays on days.stay_no = stays.stay_no
    where days.is_owner and days.day_state <> 'not_yet'
    group by stays.student_no, days.school_year, days.on_date
),

numbered as (
    select
        *,
        row_number() over (partition by student_no, school_year order by on_date) as day_no,
    from member_days
),

-- days missed one after the other keep the same distance to their own number
missed as (
    select
        *,
        day_no - row_number() over (partition by student_no, school_year order by on_date) as run_no,
    from numbered
    where is_missed
),

runs as (
    select
        student_no,
        school_year,
        run_no,
        count(*) as n_days,
        min(on_date) as starts_on,
        max(on_date) as ends_on,
    from missed
    group by student_no, school_year, run_no
),

streaks as (
    select
        student_no,
        school_year,
        n_days as absence_streak,
        starts_on,
        ends_on,
    from runs
    qualify row_number() over (partition by student_no, school_year order by n_days desc, starts_on desc) = 1
)

select * from streaks
