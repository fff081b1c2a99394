with

links as (
    select * from {{ ref('stg_declared__strategy_indicators') }}
    where is_required
),

figures as (
    select * from {{ ref('fct_indicator_status') }}
    where unit_type = 'district' and group_set_id = 'all' and reason is distinct from 'not_yet'
),

parts as (
    select
        links.strategy_id,
        links.school_year,
        case
            when figures.value is null then 'unknown'
            when figures.value >= coalesce(links.target_numerator / links.target_denominator, figures.expected)
                then 'met'
            when figures.value >= links.partly_numerator / links.partly_denominator then 'partly'
            when links.target_numerator is null and figures.expected is null then 'unknown'
            else 'not'
        end as state,
    from links
    left join figures on links.indicator_id = figures.indicator_id
),

strategy_states as (
    select
        strategy_id,
        school_year,
        case
            when bool_or(state = 'not') then 'not'
            when bool_or(state = 'unknown') then 'unknown'
            when bool_or(state = 'partly') then 'partly'
            else 'implemented'
        end as state,
    from parts
    group by strategy_id, school_year
)

select * from strategy_states
