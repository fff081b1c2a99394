{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

scored as (
    select * from {{ ref('int_survey__person_scales') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

scale_items as (
    select
        windows.slot,
        items.scale_id,
        items.item_id,
        items.item_no,
        count(*) over (partition by windows.slot, items.scale_id) as n_items,
        cast(dense_rank() over (order by windows.slot, items.scale_id) as integer) as part_no,
    from {{ ref('int_survey__windows') }} as windows
    inner join {{ ref('stg_declared__scale_items') }} as items
        on windows.instrument_id = items.instrument_id and windows.edition = items.edition
),

parts as (
    select distinct
        part_no,
        slot,
        scale_id,
        n_items,
    from scale_items
),

-- who answered every item of the scale; by number, as millions of answers meet each other
complete as materialized (
    select
        scored.response_no,
        parts.part_no,
        cast(row_number() over () as integer) as person_no,
    from scored
    inner join parts
        on scored.slot = parts.slot and scored.scale_id = parts.scale_id and scored.n_answered = parts.n_items
),

placed as materialized (
    select
        scale_items.part_no,
        scale_items.item_no,
        answers.response_no,
        answers.value,
    from {{ ref('int_survey__answers_scored') }} as answers
    inner join scale_items on answers.slot = scale_items.slot and answers.item_id = scale_items.item_id
    where answers.slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

answers as materialized (
    select
        complete.person_no,
        placed.part_no,
        placed.item_no,
        placed.value,
    from placed
    inner join complete on placed.part_no = complete.part_no and placed.response_no = complete.response_no
),

pairs as (
    select
        one.part_no,
        one.item_no,
        other.item_no as other_no,
        count(*) as n_people,
        cast(sum(one.value) as bigint) as total,
        cast(sum(other.value) as bigint) as other_total,
        cast(sum(one.value * other.value) as bigint) as product,
    from answers as one
    inner join answers as other on one.person_no = other.person_no and one.item_no <= other.item_no
    group by one.part_no, one.item_no, other.item_no
),

item_products as (
    select
        parts.slot,
        parts.scale_id,
        pairs.* exclude (part_no, other_total),
    from pairs
    inner join parts on pairs.part_no = parts.part_no
    union all
    select
        parts.slot,
        parts.scale_id,
        pairs.* exclude (part_no, other_total) replace (other_no as item_no, item_no as other_no, other_total as total),
    from pairs
    inner join parts on pairs.part_no = parts.part_no
    where pairs.item_no < pairs.other_no
)

select * from item_products
