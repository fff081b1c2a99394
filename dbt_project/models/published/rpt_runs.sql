with

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
    where scope = 'district'
),

steps as (
    select
        seq,
        cast(json_extract_string(payload, '$.night_on') as date) as night_on,
        json_extract_string(payload, '$.step') as step,
        json_extract_string(payload, '$.state') as state,
        json_extract_string(payload, '$.message') as message,
    from {{ ref('stg_ledger__events') }}
    where kind = 'night_step'
    qualify row_number() over (partition by night_on, step order by seq desc) = 1
),

runs as (
    select
        audiences.audience_id,
        '*' as reader_unit_id,
        steps.night_on,
        steps.step,
        steps.state,
        steps.message,
    from steps
    cross join audiences
)

select * from runs
