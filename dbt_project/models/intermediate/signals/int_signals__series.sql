with

printed as (
    select * from {{ ref('int_figures__printed') }}
    where is_tested and is_current and unit_type = 'school'
),

pattern as (
    select * from {{ ref('int_disclosure__pattern') }}
),

measures as (
    select * from {{ ref('fct_measures') }}
),

visible as (
    select
        printed.*,
        measures.numerator,
        measures.denominator,
    from printed
    inner join measures
        using (
            measure_id, profile_id, subject_id, estimator, unit_type, unit_id, group_set_id, group_id, school_year,
            period_kind, period_id
        )
    left join pattern
        on
            printed.population_id = pattern.population_id
            and printed.measure_id = pattern.measure_id
            and printed.cell_id = pattern.cell_id
    where
        (printed.counted_kind = 'records' or not pattern.is_suppressed)
        and printed.value is not null
        and printed.quality_state <> 'withheld'
),

series as (
    select
        'public' as class_id,
        visible.figure_id,
        visible.indicator_id,
        visible.unit_type,
        visible.unit_id,
        visible.group_id,
        visible.period_kind,
        visible.period_ends_on as period_on,
        visible.value_unit,
        visible.n_counted as n_people,
        cast(visible.numerator as double) as numerator,
        cast(visible.denominator as double) as denominator,
        indicators.smallest_change,
        indicators.signal_better as better,
        indicators.n_signal_baseline as baseline,
        indicators.signal_per_year as periods_per_year,
        indicators.signal_min_denominator as min_denominator,
        cast(indicators.signal_min_effect as double) as min_effect,
        dense_rank() over (order by visible.indicator_id, visible.group_id) as panel_no,
        dense_rank() over (order by visible.unit_id) as unit_no,
        dense_rank() over (order by visible.period_kind, visible.period_ends_on) as batch_no,
        dense_rank() over (partition by visible.indicator_id order by visible.period_ends_on) - 1 as period_ix,
    from visible
    inner join {{ ref('dim_indicators') }} as indicators on visible.indicator_id = indicators.indicator_id
)

select * from series
