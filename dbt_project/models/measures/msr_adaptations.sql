with

sessions as (
    {{ sessions_to_date() }}
),

delivered as (
    select
        {{ session_place() }},
        count(*) as denominator,
    from sessions
    where is_delivered
    group by all
),

kinds as (
    select
        {{ session_place() }},
        adaptation,
        count(*) as numerator,
    from sessions
    where is_delivered and adaptation <> 'none'
    group by all
),

counts as (
    select
        delivered.*,
        kinds.adaptation,
        kinds.numerator,
        'ok' as quality_state,
    from delivered
    inner join kinds using ({{ session_place() }})
),

adaptations as (
    select
        {{ session_row('adaptations', {
            'estimator': 'adaptation', 'value_unit': "'ratio'", 'n_observations': 'denominator',
            'quality_state': 'quality_state',
        }) }}
    from counts
)

select * from adaptations
