with

printed as (
    select * from {{ ref('int_figures__printed') }}
    where is_tested and unit_type = 'school' and period_kind = 'window'
),

pattern as (
    select * from {{ ref('int_disclosure__pattern') }}
),

windows as (
    select
        window_id,
        school_year,
        wave,
        instrument_id,
        edition,
    from {{ ref('stg_declared__windows') }}
),

measures as (
    {%- for measure in ['percent_favorable', 'scale_mean', 'response_rate', 'rubric_profile'] %}
        select * from {{ ref('msr_' ~ measure) }}
        where unit_type = 'school'
        {{ '' if loop.last else 'union all by name' }}
    {%- endfor %}
),

visible as (
    select
        printed.*,
        windows.wave,
        windows.instrument_id,
        windows.edition,
        measures.n_effective,
        measures.n_observations,
    from printed
    inner join measures
        using (
            measure_id, profile_id, subject_id, estimator, unit_type, unit_id, group_set_id, group_id, school_year,
            period_kind, period_id
        )
    inner join windows on printed.period_id = windows.window_id and printed.school_year = windows.school_year
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

consensus as (
    select
        window_id,
        school_year,
        school_id as unit_id,
        item_id as subject_id,
        consensus,
    from {{ ref('int_rubric__consensus') }}
    where consensus is not null
),

waves as (
    select
        'public' as class_id,
        visible.figure_id,
        visible.indicator_id,
        indicators.signal_kind,
        visible.unit_type,
        visible.unit_id,
        visible.group_id,
        'window' as period_kind,
        visible.period_ends_on as period_on,
        visible.school_year,
        visible.is_current,
        coalesce(visible.wave, 0) as wave,
        visible.period_id as window_id,
        visible.instrument_id,
        visible.edition,
        visible.subject_id,
        visible.value_unit,
        cast(if(indicators.signal_kind = 'rubric', consensus.consensus, visible.value) as double) as value,
        cast(visible.se as double) as se,
        visible.n_counted as n_people,
        cast(coalesce(visible.n_observations, visible.n_counted) as double) as n_answers,
        cast(visible.n_effective as double) as n_effective,
        cast(indicators.signal_smallest_change as double) as smallest_change,
        cast(indicators.signal_min_effect as double) as min_effect,
        indicators.signal_min_denominator as min_denominator,
        indicators.signal_better as better,
    from visible
    inner join {{ ref('dim_indicators') }} as indicators on visible.indicator_id = indicators.indicator_id
    left join consensus
        on
            visible.period_id = consensus.window_id
            and visible.school_year = consensus.school_year
            and visible.unit_id = consensus.unit_id
            and visible.subject_id = consensus.subject_id
    where indicators.signal_kind <> 'rubric' or consensus.consensus is not null
)

select * from waves
