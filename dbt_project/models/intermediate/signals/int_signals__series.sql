with

printed as (
    select * from {{ ref('int_figures__printed') }}
    where is_tested and unit_type = 'school' and period_kind <> 'window'
),

-- in days of persons, as the test adds half of one to each side of a share: a week without an absence is no wonder
measures as (
    select
        rates.*
        replace (
            rates.numerator / {{ parts_of_a_day() }} as numerator,
            rates.denominator / {{ parts_of_a_day() }} as denominator
        ),
    from {{ ref('msr_attendance_rate') }} as rates
    cross join {{ ref('stg_declared__district') }} as district
    union all by name
    select * from {{ ref('msr_dosage') }}
),

visible as (
    select
        printed.figure_id,
        printed.indicator_id,
        printed.unit_type,
        printed.unit_id,
        printed.group_id,
        printed.period_ends_on,
        printed.value_unit,
        printed.n_counted,
        measures.numerator - if(
            printed.period_kind = 'year_to_date', coalesce(lag(measures.numerator) over before, 0), 0
        ) as numerator,
        measures.denominator - if(
            printed.period_kind = 'year_to_date', coalesce(lag(measures.denominator) over before, 0), 0
        ) as denominator,
    from printed
    inner join measures
        using (
            measure_id, profile_id, subject_id, estimator, unit_type, unit_id, group_set_id, group_id, school_year,
            period_kind, period_id
        )
    left join {{ ref('int_disclosure__pattern') }} as pattern
        on
            printed.population_id = pattern.population_id
            and printed.measure_id = pattern.measure_id
            and printed.cell_id = pattern.cell_id
    where
        (printed.counted_kind = 'records' or not pattern.is_suppressed)
        and printed.value is not null
        and printed.quality_state <> 'withheld'
    window
        before as (
            partition by printed.indicator_id, printed.unit_id, printed.group_id, printed.school_year
            order by printed.period_ends_on
        )
),

told as (
    select * from visible
    union all by name
    select * from {{ ref('int_signals__earlier') }}
    union all by name
    select * from {{ ref('int_signals__entries') }}
),

short_weeks as (
    select ('attendance_rate', 'week', max(on_date)) as place
    from {{ ref('int_calendar__dates') }}
    group by school_year, week_id
    having count(*) < {{ var('short_week') }}
),

series as (
    select
        'public' as class_id,
        told.figure_id,
        told.indicator_id,
        told.unit_type,
        told.unit_id,
        told.group_id,
        indicators.signal_period_kind as period_kind,
        told.period_ends_on as period_on,
        told.value_unit,
        told.n_counted as n_people,
        cast(told.numerator as double) as numerator,
        cast(told.denominator as double) as denominator,
        cast(indicators.signal_smallest_change as double) as smallest_change,
        indicators.signal_better as better,
        case
            when indicators.signal_baseline_to is null then indicators.n_signal_baseline
            when told.period_ends_on <= indicators.signal_baseline_to then dense_rank() over periods
            else 0
        end as baseline_until,
        indicators.signal_baseline_to is not null as is_baseline_dated,
        indicators.signal_per_year as periods_per_year,
        indicators.signal_min_denominator as min_denominator,
        cast(indicators.signal_min_effect as double) as min_effect,
        cast(indicators.signal_lambda as double) as newest,
        indicators.is_signal_spike as is_spike,
        indicators.signal_chart as chart,
        indicators.signal_rules as rules,
        coalesce(cast(indicators.definition_from as varchar), '') as definition_from,
        dense_rank() over (order by told.indicator_id, told.group_id) as panel_no,
        dense_rank() over (order by told.unit_id) as unit_no,
        dense_rank() over (order by indicators.signal_period_kind, told.period_ends_on) as batch_no,
        dense_rank() over periods - 1 as period_ix,
    from told
    inner join {{ ref('dim_indicators') }} as indicators on told.indicator_id = indicators.indicator_id
    where
        told.period_ends_on >= coalesce(indicators.signal_baseline_from, told.period_ends_on)
        and (indicators.measure_id, indicators.signal_period_kind, told.period_ends_on)
        not in (select short_weeks.place from short_weeks)
    window periods as (partition by told.indicator_id order by told.period_ends_on)
),

int_series as (
    select
        * exclude (baseline_until),
        max(baseline_until) over (partition by indicator_id) as baseline,
    from series
)

select * from int_series
