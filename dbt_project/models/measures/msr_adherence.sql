with

sessions as (
    {{ sessions_to_date() }}
),

counts as (
    select
        {{ session_place() }},
        sum(n_core_delivered) as numerator,
        sum(n_core_required) as denominator,
        count(*) as n_sessions,
        'ok' as quality_state,
    from sessions
    where is_delivered and n_core_required is not null and n_core_delivered is not null
    group by all
),

adherence as (
    select
        {{ session_row('adherence', {
            'value_unit': "'share'", 'n_observations': 'n_sessions', 'quality_state': 'quality_state',
        }) }}
    from counts
)

select * from adherence
