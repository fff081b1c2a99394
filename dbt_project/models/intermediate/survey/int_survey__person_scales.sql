{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

responses as (
    select * from {{ ref('int_survey__dispositions') }}
    where
        disposition in ('usable', 'too_partial')
        and slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

scale_items as (
    select
        scale_items.*,
        scales.min_answered_numerator,
        scales.min_answered_denominator,
        string_split(scales.favorable_values, ',') as favorable_values,
        -- Every mean of some of the items is a whole number of these parts, so that sums stay integers.
        {{ lcm_up_to('count(*) over (partition by instrument_id, edition, scale_id)') }} as parts,
    from {{ ref('stg_declared__scale_items') }} as scale_items
    inner join {{ ref('stg_declared__scales') }} as scales using (instrument_id, edition, scale_id)
),

answers as (
    select * from {{ ref('int_survey__answers_scored') }}
    where
        answer_state in ('answered', 'skipped')
        and slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

counted as (
    select
        responses.slot,
        responses.response_id,
        responses.person_id,
        responses.is_flagged,
        responses.disposition = 'usable' as is_usable,
        scale_items.scale_id,
        scale_items.parts,
        count(*) as n_presented,
        count(*) filter (answers.answer_state = 'answered') as n_answered,
        sum(answers.value) filter (answers.answer_state = 'answered') as total,
        count(*) filter (
            answers.answer_state = 'answered'
            and list_contains(scale_items.favorable_values, cast(answers.value as varchar))
        ) as n_favorable,
    from responses
    inner join scale_items
        on responses.instrument_id = scale_items.instrument_id and responses.edition = scale_items.edition
    inner join answers
        on
            responses.slot = answers.slot
            and responses.response_id = answers.response_id
            and scale_items.item_id = answers.item_id
    group by
        responses.slot, responses.response_id, responses.person_id, responses.is_flagged, responses.disposition,
        scale_items.scale_id, scale_items.parts,
        scale_items.min_answered_numerator, scale_items.min_answered_denominator
    having
        count(*) filter (answers.answer_state = 'answered') > 0
        and count(*) filter (answers.answer_state = 'answered') * scale_items.min_answered_denominator
        >= count(*) * scale_items.min_answered_numerator
),

person_scales as (
    select
        *,
        cast(total * parts // n_answered as bigint) as score_parts,
        cast(n_favorable * parts // n_answered as bigint) as favorable_parts,
    from counted
)

select * from person_scales
