{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

scored as (
    select * from {{ ref('int_survey__person_scales') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

windows as (
    select * from {{ ref('int_survey__windows') }}
),

scale_items as (
    select
        *,
        count(*) over (partition by instrument_id, edition, scale_id) as n_items,
    from {{ ref('stg_declared__scale_items') }}
),

-- answers of people who answered every item of the scale
answers as (
    select
        scored.slot,
        scored.scale_id,
        scored.response_id,
        scale_items.item_no,
        answers.value,
    from scored
    inner join windows on scored.slot = windows.slot
    inner join scale_items
        on
            windows.instrument_id = scale_items.instrument_id
            and windows.edition = scale_items.edition
            and scored.scale_id = scale_items.scale_id
            and scored.n_answered = scale_items.n_items
    inner join {{ ref('int_survey__answers_scored') }} as answers
        on
            scored.slot = answers.slot
            and scored.response_id = answers.response_id
            and scale_items.item_id = answers.item_id
),

item_products as (
    select
        one.slot,
        one.scale_id,
        one.item_no,
        other.item_no as other_no,
        count(*) as n_people,
        cast(sum(one.value) as bigint) as total,
        cast(sum(one.value * other.value) as bigint) as product,
    from answers as one
    inner join answers as other using (slot, scale_id, response_id)
    group by one.slot, one.scale_id, one.item_no, other.item_no
)

select * from item_products
