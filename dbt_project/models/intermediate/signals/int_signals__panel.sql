with

printed as (
    select * from {{ ref('int_figures__printed') }}
    where is_judged
),

pattern as (
    select * from {{ ref('int_disclosure__pattern') }}
),

visible as (
    select printed.*
    from printed
    left join pattern
        on
            printed.population_id = pattern.population_id
            and printed.measure_id = pattern.measure_id
            and printed.cell_id = pattern.cell_id
    where printed.counted_kind = 'records' or not pattern.is_suppressed
),

panel as (
    select
        'public' as class_id,
        visible.figure_id,
        visible.indicator_id,
        visible.unit_type,
        visible.unit_id,
        visible.group_set_id,
        visible.group_id,
        visible.school_year,
        visible.is_current,
        visible.period_kind,
        visible.period_id,
        visible.period_ends_on as period_on,
        visible.value,
        visible.value_unit,
        visible.se as sampling_se,
        visible.n_counted as n_people,
        visible.counted_kind = 'records' as is_record,
        visible.value_unit = 'share' as is_share,
        visible.reliability,
        visible.quality_state = 'withheld' as is_withheld,
        path.expected,
        path.baseline,
        indicators.direction,
        indicators.smallest_change,
        indicators.on_track,
        indicators.watch,
        indicators.interval_share,
        coalesce(asked.first_year, 0) as definition_year,
        coalesce(cast(indicators.baseline_year as integer) < definitions.first_year, false)
        or coalesce(visible.period_ends_on < definitions.effective_from, false)
        or coalesce(cast(indicators.baseline_year as integer) < asked.first_year, false)
        or coalesce(cast(indicators.baseline_year as integer) >= asked.next_year, false) as is_new_definition,
    from visible
    inner join {{ ref('dim_indicators') }} as indicators on visible.indicator_id = indicators.indicator_id
    left join {{ ref('dim_profiles') }} as definitions
        on indicators.measure_id = definitions.measure_id and indicators.profile_id = definitions.profile_id
    left join {{ ref('int_figures__definitions') }} as asked
        on
            visible.period_id = asked.window_id
            and visible.school_year = asked.school_year
            and visible.subject_id = asked.subject_id
    left join {{ ref('fct_trajectories') }} as path
        on
            visible.indicator_id = path.indicator_id
            and visible.unit_id = path.unit_id
            and visible.group_set_id = path.group_set_id
            and visible.group_id = path.group_id
            and visible.school_year = path.school_year
            and visible.period_kind = path.period_kind
            and visible.period_id = path.period_id
)

select * from panel
