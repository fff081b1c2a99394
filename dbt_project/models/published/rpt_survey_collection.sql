with

figures as (
    select * from {{ ref('int_figures__published') }}
    where measure_id = 'response_rate' and is_current
),

windows as (
    select * from {{ ref('stg_declared__windows') }}
),

pace as (
    select * from {{ ref('int_survey__pace') }}
),

survey_collection as (
    select
        {{ figure_block('stages') }}
        stages.period_id as window_id,
        stages.estimator as stage,
        case when not stages.is_suppressed then rates.value end as response_rate,
        windows.threshold_numerator / cast(windows.threshold_denominator as double) as threshold,
        case when not stages.is_suppressed and not rates.is_suppressed then pace.pace_expected end as pace_expected,
        case when not stages.is_suppressed and not rates.is_suppressed then pace.forecast_low end as forecast_low,
        case when not stages.is_suppressed and not rates.is_suppressed then pace.forecast_median end as forecast_median,
        case when not stages.is_suppressed and not rates.is_suppressed then pace.forecast_high end as forecast_high,
        case when not stages.is_suppressed and not rates.is_suppressed then pace.nudge end as nudge,
    from figures as stages
    inner join figures as rates
        on
            stages.audience_id = rates.audience_id
            and stages.reader_unit_id = rates.reader_unit_id
            and stages.cell_id = rates.cell_id
            and stages.period_id = rates.period_id
            and rates.estimator = 'gross'
    inner join windows on stages.period_id = windows.window_id and stages.school_year = windows.school_year
    left join pace
        on
            stages.period_id = pace.window_id
            and stages.school_year = pace.school_year
            and stages.unit_type = pace.unit_type
            and stages.unit_id = pace.unit_id
            and stages.group_set_id = pace.group_set_id
            and stages.group_id = pace.group_id
            and stages.estimator = 'usable'
    where stages.estimator in ('eligible', 'usable')
)

select * from survey_collection
