with

indicators as (
    select * from {{ ref('stg_declared__indicators') }}
),

goals as (
    select * from {{ ref('stg_declared__goals') }}
    qualify school_year = max(school_year) over ()
),

goal_links as (
    select
        links.indicator_id,
        goals.goal_id,
        goals.school_year,
    from {{ ref('stg_declared__goal_indicators') }} as links
    inner join goals on links.goal_id = goals.goal_id and links.school_year = goals.school_year
    qualify
        row_number() over (
            partition by links.indicator_id
            order by links.indicator_id <> goals.primary_indicator_id, goals.goal_no, goals.goal_id
        ) = 1
),

next_steps as (
    select
        goal_links.indicator_id,
        strategies.statement_en as next_step,
    from goal_links
    inner join {{ ref('stg_declared__strategies') }} as strategies
        on goal_links.goal_id = strategies.goal_id and goal_links.school_year = strategies.school_year
    left join {{ ref('stg_declared__strategy_indicators') }} as links
        on
            strategies.strategy_id = links.strategy_id
            and strategies.school_year = links.school_year
            and goal_links.indicator_id = links.indicator_id
    qualify
        row_number() over (
            partition by goal_links.indicator_id
            order by links.indicator_id is null, strategies.strategy_no, strategies.strategy_id
        ) = 1
),

dim_indicators as (
    select
        indicators.indicator_id,
        indicators.indicator_no,
        indicators.label_en as indicator_label,
        indicators.kind as indicator_kind,
        indicators.measure_id,
        coalesce(indicators.profile_id, 'default') as profile_id,
        coalesce(indicators.subject_id, '') as subject_id,
        coalesce(indicators.estimator, '') as estimator,
        indicators.period_kind,
        list(indicators.period_kind) over series as series_periods,
        row_number() over (series order by indicators.indicator_no) as series_no,
        string_split(indicators.units, ',') as unit_types,
        string_split(coalesce(indicators.group_sets, ''), ',') as group_set_ids,
        indicators.direction,
        indicators.owner_label,
        goal_links.goal_id,
        coalesce(indicators.signal_next_step, next_steps.next_step, '') as next_step,
        cast(indicators.baseline_year as varchar) as baseline_year,
        indicators.smallest_change_numerator / indicators.smallest_change_denominator as smallest_change,
        indicators.on_track_numerator / indicators.on_track_denominator as on_track,
        indicators.watch_numerator / indicators.watch_denominator as watch,
        indicators.interval_numerator / indicators.interval_denominator as interval_share,
        indicators.signal_period_kind,
        indicators.signal_better,
        indicators.n_signal_baseline,
        indicators.signal_per_year,
        indicators.signal_min_denominator,
        coalesce(indicators.signal_effect_numerator / indicators.signal_effect_denominator, 0) as signal_min_effect,
        indicators.signal_kind,
        indicators.signal_chart,
        indicators.signal_rules,
        string_split(coalesce(indicators.signal_groups, ''), ',') as signal_group_ids,
        indicators.signal_lambda_numerator / indicators.signal_lambda_denominator as signal_lambda,
        indicators.is_signal_spike,
        indicators.is_signal_daily,
        indicators.signal_change_numerator / indicators.signal_change_denominator as signal_smallest_change,
        indicators.signal_baseline_from,
        indicators.signal_baseline_to,
        profiles.effective_from as definition_from,
    from indicators
    left join {{ ref('stg_declared__profiles') }} as profiles
        on indicators.measure_id = profiles.measure_id and indicators.profile_id = profiles.profile_id
    left join goal_links on indicators.indicator_id = goal_links.indicator_id
    left join next_steps on indicators.indicator_id = next_steps.indicator_id
    window
        series as (
            partition by indicators.measure_id, indicators.profile_id, indicators.subject_id, indicators.estimator
        )
)

select * from dim_indicators
