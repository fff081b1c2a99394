{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

sent as (
    select * from {{ ref('int_survey__sent_responses') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

-- a file with a row for each answer: only there the rows are more than the responses tell
long_slots as (
    select distinct slot from sent
    where first_row_no < last_row_no
),

long_records as (
    select
        slot,
        count(distinct row_no) as n_records,
    from {{ ref('stg_landed__responses') }}
    where slot in (select long_slots.slot from long_slots)
    group by slot
),

deliveries as (
    select
        sent.slot,
        max(sent.received_at) as received_at,
        coalesce(any_value(long_records.n_records), count(distinct sent.first_row_no)) as n_records,
        count(*) as n_responses,
    from sent
    left join long_records on sent.slot = long_records.slot
    group by sent.slot
)

select * from deliveries
