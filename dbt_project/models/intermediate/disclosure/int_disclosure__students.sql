{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

closed as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        touched.period_ends_on,
        dates.week_no,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__dates') }} as dates
        on touched.school_year = dates.school_year and touched.period_ends_on = dates.on_date
    where touched.is_complete and touched.period_kind = 'year'
),

year_sums as (
    select sums.*
    from {{ ref('int_attendance__student_years') }} as sums
    semi join closed on sums.school_year = closed.school_year and sums.week_no = closed.week_no
),

{{ judged_stays('year_sums') }},

{{ judged_people('judged') }},

behind as (
    select
        'chronic_absence' as measure_id,
        judged.profile_id,
        closed.school_year,
        closed.period_kind,
        closed.period_id,
        closed.period_ends_on,
        judged.is_whole,
        judged.student_no,
        judged.unit_no,
    from judged_people as judged
    inner join closed on judged.school_year = closed.school_year and judged.week_no = closed.week_no
),

{{ placed_people() }},

students as (
    select
        *,
        {{ mark_of_student('student_no', 'school_id', 'is_whole', 'groups') }} as row_mark,
    from people
)

select * from students
