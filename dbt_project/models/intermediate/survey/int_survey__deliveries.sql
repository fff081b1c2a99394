{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

responses as (
    select * from {{ ref('stg_landed__responses') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

deliveries as (
    select
        slot,
        max(received_at) as received_at,
        count(distinct row_no) as n_records,
        count(distinct response_id) as n_responses,
    from responses
    group by slot
)

select * from deliveries
