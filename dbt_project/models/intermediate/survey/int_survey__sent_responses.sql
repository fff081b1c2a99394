{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

-- the number stands for the response wherever millions of its answers meet it
sent_responses as (
    select
        slot,
        response_id,
        cast(row_number() over (partition by slot order by response_id) as integer) as response_no,
        min(respondent_key) as respondent_key,
        min(respondent_class) as respondent_class,
        min(school_id) as school_id,
        min(grade) as grade,
        min(submitted_at) as submitted_at,
        min(duration_seconds) as duration_seconds,
        bool_or(is_preview) as is_preview,
        max(received_at) as received_at,
        min(row_no) as first_row_no,
        max(row_no) as last_row_no,
    from {{ ref('stg_landed__responses') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
    group by slot, response_id
)

select * from sent_responses
