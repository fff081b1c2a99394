{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

answered as (
    select
        *,
        row_number() over (partition by slot, response_id order by item_no)
        - row_number() over (partition by slot, response_id, option_value order by item_no) as run_no,
    from {{ ref('int_survey__answers_scored') }}
    where
        is_scored
        and answer_state = 'answered'
        and slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

runs as (
    select
        slot,
        response_id,
        count(*) as n_in_run,
        bool_or(is_reversed) and not bool_and(is_reversed) as is_mixed,
    from answered
    group by slot, response_id, option_value, run_no
    qualify row_number() over (partition by slot, response_id order by count(*) desc, min(item_no)) = 1
)

select * from runs
