{{ config(materialized='view') }}
with

reached as (
    select
        greatest(
            (
                select max(on_date) from {{ ref('int_attendance__submission') }}
                where submission_state <> 'not_yet'
            ),
            (select max(on_date) from {{ ref('int_attendance__count_days') }})
        ) as on_day,
),

touched as (
    select
        school_year,
        on_date,
    from {{ ref('int_changes__touched_days') }}
    union
    select
        school_year,
        on_date,
    from {{ ref('int_calendar__dates') }}
    where school_year in (select refigured.school_year from {{ ref('int_changes__refigured_years') }} as refigured)
),

touched_day_figures as (
    select
        touched.school_year,
        cast(touched.on_date as varchar) as period_id,
        touched.on_date,
        touched.on_date <= reached.on_day and dates.on_date is not null as is_complete,
    from touched
    cross join reached
    left join {{ ref('int_calendar__dates') }} as dates on touched.on_date = dates.on_date
)

select * from touched_day_figures
