{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

windows as (
    select * from {{ ref('int_survey__windows') }}
),

answered as (
    select
        slot,
        response_no,
        item_no,
        option_value,
    from {{ ref('int_survey__answers_scored') }}
    where
        is_scored
        and answer_state = 'answered'
        and slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

ticked as (
    select
        slot,
        response_no,
        option_value,
        count(*) as n_ticked,
    from answered
    group by slot, response_no, option_value
),

-- a run is no longer than its option is frequent
suspects as (
    select
        ticked.slot,
        ticked.response_no,
    from ticked
    inner join windows on ticked.slot = windows.slot
    group by
        ticked.slot, ticked.response_no, windows.line_numerator, windows.line_denominator, windows.line_min_items
    having
        max(ticked.n_ticked) * windows.line_denominator >= sum(ticked.n_ticked) * windows.line_numerator
        and sum(ticked.n_ticked) >= windows.line_min_items
),

placed as (
    select
        answered.*,
        row_number() over (partition by answered.slot, answered.response_no order by answered.item_no)
        - row_number() over (
            partition by answered.slot, answered.response_no, answered.option_value order by answered.item_no
        ) as run_no,
    from answered
    semi join suspects on answered.slot = suspects.slot and answered.response_no = suspects.response_no
),

runs as (
    select
        placed.slot,
        placed.response_no,
        count(*) as n_in_run,
        bool_or(items.is_reversed) and not bool_and(items.is_reversed) as is_mixed,
    from placed
    inner join {{ ref('int_survey__items') }} as items on placed.slot = items.slot and placed.item_no = items.item_no
    group by placed.slot, placed.response_no, placed.option_value, placed.run_no
    qualify
        row_number() over (
            partition by placed.slot, placed.response_no order by count(*) desc, min(placed.item_no)
        ) = 1
)

select * from runs
