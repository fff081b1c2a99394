{{ config(materialized='view') }}
with

profiles as (
    select profile_id from {{ ref('stg_declared__profiles') }}
    where leavers = 'enrolled_at_end'
),

weeks as (
    select
        school_year,
        week_no,
        max(on_date) as ends_on,
    from {{ ref('int_calendar__dates') }}
    group by school_year, week_no
),

year_ends as (
    select
        cast(slot as integer) as school_year,
        calendar_id,
        max(on_date) as year_ends_on,
    from {{ ref('int_calendar__days') }}
    where is_instructional
    group by school_year, calendar_id
),

spans as (
    select
        spans.school_year,
        spans.student_no,
        spans.school_id,
        spans.begins_on,
        spans.last_on,
        year_ends.year_ends_on,
    from {{ ref('int_attendance__memberships') }} as spans
    inner join year_ends using (school_year, calendar_id)
),

profile_leavers as (
    select
        profiles.profile_id,
        weeks.school_year,
        weeks.week_no,
        units.unit_no,
        spans.student_no,
    from profiles
    cross join weeks
    inner join spans on weeks.school_year = spans.school_year and weeks.ends_on >= spans.begins_on
    inner join {{ ref('int_attendance__units') }} as units on spans.school_id = units.unit_id or units.unit_no = 0
    group by profiles.profile_id, weeks.school_year, weeks.week_no, units.unit_no, spans.student_no
    having bool_and(spans.last_on < least(weeks.ends_on, spans.year_ends_on))
)

select * from profile_leavers
