{{ config(materialized='view') }}
with

calendar_days as (
    select
        *,
        {{ school_year_of('on_date') }} as day_year,
    from {{ ref('stg_landed__calendar_days') }}
),

declared_years as (
    select distinct day_year from calendar_days
    where source_id = 'declared'
),

days as (
    select calendar_days.*
    from calendar_days
    left join declared_years on calendar_days.day_year = declared_years.day_year
    where calendar_days.source_id = 'declared' or declared_years.day_year is null
)

select * from days
