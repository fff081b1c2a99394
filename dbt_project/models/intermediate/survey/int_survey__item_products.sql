{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

scored as (
    select * from {{ ref('int_survey__person_scales') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

{{ numbered_scales() }},

-- who answered every item of the scale
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
        scale_items.place as item_no,
        answers.response_no,
        answers.value,
    from {{ ref('int_survey__answers_scored') }} as answers
    inner join scale_items on answers.slot = scale_items.slot and answers.item_no = scale_items.item_no
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
