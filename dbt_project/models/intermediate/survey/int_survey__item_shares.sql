with

wanted as (
    select * from {{ ref('int_survey__estimators') }}
    where estimator = 'item_mean'
),

scored as (
    select
        person_scales.slot,
        person_scales.scale_id,
        person_scales.person_id,
        answers.item_id,
        list_contains(string_split(scales.favorable_values, ','), cast(answers.value as varchar)) as is_favorable,
    from {{ ref('int_survey__person_scales') }} as person_scales
    inner join wanted on person_scales.scale_id = wanted.scale_id
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
    where answers.answer_state = 'answered'
),

items as (
    select
        scored.slot,
        scored.scale_id,
        members.unit_type,
        members.unit_id,
        members.group_set_id,
        members.group_id,
        scored.item_id,
        cast(count(*) filter (scored.is_favorable) / count(*) as decimal(38, 15)) as share,
    from scored
    inner join {{ ref('int_survey__members') }} as members
        on scored.slot = members.slot and scored.person_id = members.person_id
    group by all
),

item_shares as (
    select
        slot,
        scale_id,
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
