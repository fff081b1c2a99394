with

shown as (
    select distinct
        indicator_id,
        unit_id,
        school_year,
    from {{ ref('int_signals__panel') }}
    where is_current and unit_type = 'school' and group_id = 'all'
),

targets as (
    select * from {{ ref('fct_targets') }}
    where group_set_id = 'all'
),

measured as (
    select
        indicators.indicator_id,
        indicators.direction,
        cast(indicators.smallest_change as double) as smallest_change,
        cast(indicators.on_track as double) as on_track,
        cast(indicators.watch as double) as watch,
        months.unit_id,
        months.school_year,
        months.period_id,
        months.period_ends_on as period_on,
        cast(months.numerator / {{ parts_of_a_day() }} as double) as numerator,
        cast(months.denominator / {{ parts_of_a_day() }} as double) as denominator,
        shown.school_year as this_year,
    from {{ ref('msr_attendance_rate') }} as months
    inner join {{ ref('dim_indicators') }} as indicators
        on months.measure_id = indicators.measure_id and months.profile_id = indicators.profile_id
    inner join shown on indicators.indicator_id = shown.indicator_id and months.unit_id = shown.unit_id
    cross join {{ ref('stg_declared__district') }} as district
    where
        indicators.signal_kind = 'proportion'
        and months.period_kind = 'month'
        and months.group_set_id = 'all'
        and months.n_people >= district.n_min
        and months.quality_state <> 'withheld'
        and months.denominator > 0
        and months.school_year <= shown.school_year
),

months as (
    select
        measured.*,
        cast(dense_rank() over months_of - 1 as integer) as position_ix,
        cast(targets.target as double) as target,
        cast(targets.baseline as double) as baseline,
    from measured
    left join targets
        on
            measured.indicator_id = targets.indicator_id
            and measured.unit_id = targets.unit_id
            and measured.this_year = targets.school_year
    window months_of as (partition by measured.indicator_id, measured.school_year order by measured.period_id)
)

select * from months
