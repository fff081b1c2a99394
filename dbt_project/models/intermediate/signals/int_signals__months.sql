with

shown as (
    {{ forecast_series('panel.this_year') }}
),

months as (
    select
        indicators.indicator_id,
        indicators.direction,
        cast(indicators.smallest_change as double) as smallest_change,
        cast(indicators.on_track as double) as on_track,
        cast(indicators.watch as double) as watch,
        measured.unit_type,
        measured.unit_id,
        measured.group_set_id,
        measured.group_id,
        measured.school_year,
        measured.period_id,
        measured.period_ends_on as period_on,
        cast(measured.numerator / {{ parts_of_a_day() }} as double) as numerator,
        cast(measured.denominator / {{ parts_of_a_day() }} as double) as denominator,
        shown.this_year,
        cast(dense_rank() over months_of - 1 as integer) as position_ix,
        shown.target,
        shown.baseline,
    from {{ ref('msr_attendance_rate') }} as measured
    inner join {{ ref('dim_indicators') }} as indicators
        on measured.measure_id = indicators.measure_id and measured.profile_id = indicators.profile_id
    inner join shown
        on
            indicators.indicator_id = shown.indicator_id
            and measured.unit_id = shown.unit_id
            and measured.group_set_id = shown.group_set_id
            and measured.group_id = shown.group_id
    cross join {{ ref('stg_declared__district') }} as district
    where
        indicators.signal_kind = 'proportion'
        and measured.period_kind = 'month'
        and measured.n_people >= district.n_min
        and measured.quality_state <> 'withheld'
        and measured.denominator > 0
        and measured.school_year <= shown.this_year
    window months_of as (partition by indicators.indicator_id, measured.school_year order by measured.period_id)
)

select * from months
