{{ config(materialized='view') }}
with

tests as (
    select * from {{ ref('fct_signal_tests') }}
),

judged as (
    select
        indicator_id,
        unit_id,
        group_id,
        period_on as judged_on,
        status,
    from {{ ref('fct_judged_figures') }}
    qualify
        row_number() over (
            partition by indicator_id, unit_id, group_id, period_on
            order by group_set_id asc, period_id desc, figure_id asc
        ) = 1
),

evaluations as (
    select
        tests.*,
        coalesce(if(tests.p_meet is not null, forecasts.status, judged.status), 'cannot tell') as status,
        through.as_of,
    from tests
    cross join {{ source('landed', 'through') }} as through
    left join {{ ref('fct_forecasts') }} as forecasts
        on
            tests.indicator_id = forecasts.indicator_id
            and tests.unit_id = forecasts.unit_id
            and tests.group_id = forecasts.group_id
    asof left join judged
        on
            tests.indicator_id = judged.indicator_id
            and tests.unit_id = judged.unit_id
            and tests.group_id = judged.group_id
            and tests.period_on >= judged.judged_on
)

select * from evaluations
