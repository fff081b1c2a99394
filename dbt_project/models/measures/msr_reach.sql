with

sessions as (
    {{ sessions_to_date() }}
),

counts as (
    select
        {{ session_place() }},
        sum(n_reached) as numerator,
        sum(n_eligible) as denominator,
        count(*) as n_sessions,
        'ok' as quality_state,
    from sessions
    where is_delivered and n_eligible is not null and n_reached is not null
    group by all
),

reach as (
    select
        {{ session_row('reach', {
            'estimator': "'counts'", 'value_unit': "'share'", 'n_observations': 'n_sessions',
            'quality_state': 'quality_state',
        }) }}
    from counts
)

select * from reach
