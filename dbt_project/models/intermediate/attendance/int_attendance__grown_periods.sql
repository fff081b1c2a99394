{{ config(materialized='view') }}
with

grown_periods as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        dates.week_no,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__dates') }} as dates
        on touched.school_year = dates.school_year and touched.period_ends_on = dates.on_date
    where touched.is_complete and touched.period_kind in ('year_to_date', 'year')
)

select * from grown_periods
