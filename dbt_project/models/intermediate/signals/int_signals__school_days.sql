{{ config(materialized='view') }}
with

indicators as (
    select * from {{ ref('dim_indicators') }}
    where measure_id = 'attendance_rate' and signal_period_kind = 'week'
),

school_days as (
    select
        series.panel_no,
        series.unit_no,
        series.period_ix,
        dates.on_date,
        cast(figures.numerator / {{ parts_of_a_day() }} as double) as n_present,
        cast(figures.denominator / {{ parts_of_a_day() }} as double) as n_member,
    from {{ ref('int_signals__series') }} as series
    inner join indicators on series.indicator_id = indicators.indicator_id
    inner join {{ ref('int_calendar__dates') }} as dates on series.period_on = dates.week_last_on
    inner join {{ ref('msr_attendance_rate_daily') }} as figures
        on
            dates.on_date = figures.period_starts_on
            and series.unit_type = figures.unit_type
            and series.unit_id = figures.unit_id
            and series.group_id = figures.group_id
    cross join {{ ref('stg_declared__district') }} as district
    where figures.quality_state <> 'withheld' and figures.denominator > 0
)

select * from school_days
