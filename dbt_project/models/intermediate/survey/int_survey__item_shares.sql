{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

people as (
    select * from {{ ref('int_survey__people') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

{{ numbered_scales() }},

scored as materialized (
    select
        parts.part_no,
        scales.response_no,
        scales.is_flagged,
        people.place_no,
    from {{ ref('int_survey__person_scales') }} as scales
    inner join people on scales.slot = people.slot and scales.person_id = people.person_id
    inner join parts on scales.slot = parts.slot and scales.scale_id = parts.scale_id
),

answered as (
    select
        scored.part_no,
        scored.is_flagged,
        scored.place_no,
        answers.item_no,
        answers.value,
        count(*) as n_answers,
    from {{ ref('int_survey__answers_scored') }} as answers
    inner join scale_items on answers.slot = scale_items.slot and answers.item_no = scale_items.item_no
    inner join scored on scale_items.part_no = scored.part_no and answers.response_no = scored.response_no
    where answers.answer_state = 'answered'
    group by all
),

-- few places, items and values: what is favorable is asked of them, not of every answer
placed as (
    select
        parts.slot,
        parts.scale_id,
        scales.favorable_values,
        answered.* exclude (part_no),
    from answered
    inner join parts on answered.part_no = parts.part_no
    inner join {{ ref('int_survey__windows') }} as windows on parts.slot = windows.slot
    inner join {{ ref('stg_declared__scales') }} as scales
        on
            windows.instrument_id = scales.instrument_id
            and windows.edition = scales.edition
            and parts.scale_id = scales.scale_id
),

{{ with_and_without_flagged('placed') }},

shares as (
    select
        twice.slot,
        twice.scale_id,
        twice.is_without_flagged,
        places.unit_type,
        places.unit_id,
        places.group_set_id,
        places.group_id,
        cast(
            coalesce(
                sum(twice.n_answers) filter (
                    list_contains(string_split(twice.favorable_values, ','), cast(twice.value as varchar))
                ), 0
            ) / sum(twice.n_answers) as decimal(38, 15)
        ) as share,
    from twice
    inner join {{ ref('int_survey__places') }} as places
        on twice.slot = places.slot and twice.place_no = places.place_no
    group by
        twice.slot, twice.scale_id, twice.is_without_flagged,
        places.unit_type, places.unit_id, places.group_set_id, places.group_id, twice.item_no
),

item_shares as (
    select
        slot,
        scale_id,
        is_without_flagged,
        unit_type,
        unit_id,
        group_set_id,
        group_id,
        sum(share) as shares,
        count(*) as n_items,
    from shares
    group by all
)

select * from item_shares
