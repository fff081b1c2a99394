{{ config(materialized='view') }}
with

weeks as (
    select
        school_year,
        min(week_no) as week_no,
    from {{ ref('int_attendance__grown_periods') }}
    group by school_year
),

scopes as (
    select distinct
        school_id,
        calendar_id,
        grade,
        school_year,
    from {{ ref('int_enrollment__spans') }}
    where school_year in (select weeks.school_year from weeks)
),

told as (
    {{ told_days('true') }}
),

days_ahead as (
    select
        told.*,
        dates.week_no,
    from told
    inner join {{ ref('int_calendar__dates') }} as dates
        on told.school_year = dates.school_year and told.on_date = dates.on_date
    inner join weeks on told.school_year = weeks.school_year and dates.week_no > weeks.week_no
)

select * from days_ahead
