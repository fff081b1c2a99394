{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

scored as (
    select
        person_scales.slot,
        person_scales.scale_id,
        person_scales.person_id,
        person_scales.is_flagged,
        answers.item_id,
        list_contains(string_split(scales.favorable_values, ','), cast(answers.value as varchar)) as is_favorable,
    from {{ ref('int_survey__person_scales') }} as person_scales
    inner join {{ ref('int_survey__windows') }} as windows on person_scales.slot = windows.slot
    inner join {{ ref('stg_declared__scales') }} as scales
        on
            windows.instrument_id = scales.instrument_id
            and windows.edition = scales.edition
            and person_scales.scale_id = scales.scale_id
    inner join {{ ref('stg_declared__scale_items') }} as scale_items
        on
            scales.instrument_id = scale_items.instrument_id
            and scales.edition = scale_items.edition
            and scales.scale_id = scale_items.scale_id
    inner join {{ ref('int_survey__answers_scored') }} as answers
        on
            person_scales.slot = answers.slot
            and person_scales.response_id = answers.response_id
            and scale_items.item_id = answers.item_id
    where
        answers.answer_state = 'answered'
        and person_scales.slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

-- as the sums of scales: once more without kept responses that are odd
twice as (
    select
        *,
        false as is_without_flagged,
    from scored
    union all
    select
        *,
        true as is_without_flagged,
    from scored
    where
        not is_flagged
        and (slot, scale_id) in (
            select (odd.slot, odd.scale_id) from scored as odd
            where odd.is_flagged
        )
),

items as (
    select
        twice.slot,
        twice.scale_id,
        twice.is_without_flagged,
        members.unit_type,
        members.unit_id,
        members.group_set_id,
        members.group_id,
        twice.item_id,
        cast(count(*) filter (twice.is_favorable) / count(*) as decimal(38, 15)) as share,
    from twice
    inner join {{ ref('int_survey__members') }} as members
        on twice.slot = members.slot and twice.person_id = members.person_id
    group by all
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
    from items
    group by all
)

select * from item_shares
