with

tonight as (
    select * from {{ source('landed', 'tonight') }}
),

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

outcomes as (
    select * from {{ ref('fct_indicator_status') }}
    where unit_type = 'district' and group_set_id = 'all'
),

targets as (
    select distinct
        indicator_id,
        baseline,
        final_target,
        final_year,
    from {{ ref('fct_targets') }}
    where unit_type = 'district' and group_set_id = 'all'
),

goals as (
    select
        goals.*,
        targets.* exclude (indicator_id),
        outcomes.status,
        outcomes.certainty,
    from {{ ref('stg_declared__goals') }} as goals
    left join targets on goals.primary_indicator_id = targets.indicator_id
    left join outcomes on goals.primary_indicator_id = outcomes.indicator_id
),

strategies as (
    select
        strategies.*,
        coalesce(states.state, 'unknown') as implementation,
    from {{ ref('stg_declared__strategies') }} as strategies
    left join {{ ref('int_plan__strategy_states') }} as states
        on strategies.strategy_id = states.strategy_id and strategies.school_year = states.school_year
),

activities as (
    select
        activities.* replace (case when done_on <= tonight.as_of then done_on end as done_on),
        case
            when done_on <= tonight.as_of then 'done'
            when tonight.as_of > due_on then 'late'
            when tonight.as_of >= starts_on then 'running'
            else 'planned'
        end as state,
    from {{ ref('stg_declared__activities') }} as activities
    cross join tonight
),

entries as (
    {{ plan_entries('goal', 'goals', {
        'plan_id': 'goal_id', 'plan_no': 'goal_no', 'goal_id': 'goal_id', 'plan_text': 'statement_en',
        'indicator_id': 'primary_indicator_id', 'baseline': 'baseline', 'target': 'final_target',
        'target_on': "cast(final_year || '-06-30' as date)", 'status': 'status', 'certainty': 'certainty',
    }) }}
    union all
    {{ plan_entries('strategy', 'strategies', {
        'plan_id': 'strategy_id', 'plan_no': 'strategy_no', 'goal_id': 'goal_id', 'strategy_id': 'strategy_id',
        'plan_text': 'statement_en', 'implementation_status': 'implementation', 'cost_amount': 'cost_amount',
        'cost_note': 'cost_note',
    }) }}
    union all
    {{ plan_entries('activity', 'activities', {
        'plan_id': 'activity_id', 'plan_no': 'activity_no', 'goal_id': 'goal_id', 'strategy_id': 'strategy_id',
        'plan_text': 'label_en', 'starts_on': 'starts_on', 'due_on': 'due_on', 'done_on': 'done_on', 'state': 'state',
    }) }}
),

plan as (
    select
        audiences.audience_id,
        '*' as reader_unit_id,
        entries.* exclude (school_year),
    from entries
    cross join audiences
    where entries.school_year = (select max(latest.school_year) from entries as latest)
)

select * from plan
