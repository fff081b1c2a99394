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
        windows.slot,
        scale_items.item_id,
        scale_items.scale_id,
        scales.min_answered_numerator,
        scales.min_answered_denominator,
        list_transform(string_split(scales.favorable_values, ','), lambda text: try_cast(text as integer))
            as favorable_values,
        -- Every mean of some of the items is a whole number of these parts, so that sums stay integers.
        {{ lcm_up_to('count(*) over (partition by windows.slot, scale_items.scale_id)') }} as parts,
    from {{ ref('int_survey__windows') }} as windows
    inner join {{ ref('stg_declared__scale_items') }} as scale_items using (instrument_id, edition)
    inner join {{ ref('stg_declared__scales') }} as scales using (instrument_id, edition, scale_id)
),

answers as (
    select * from {{ ref('int_survey__answers_scored') }}
    where
        answer_state in ('answered', 'skipped')
        and slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

-- of all responses, before they meet what is known of them: millions of answers are grouped
counted as (
    select
        answers.slot,
        answers.response_no,
        scale_items.scale_id,
        any_value(scale_items.parts) as parts,
        any_value(scale_items.min_answered_numerator) as min_answered_numerator,
        any_value(scale_items.min_answered_denominator) as min_answered_denominator,
        count(*) as n_presented,
        count(*) filter (answers.answer_state = 'answered') as n_answered,
        sum(answers.value) filter (answers.answer_state = 'answered') as total,
        count(*) filter (
            answers.answer_state = 'answered' and list_contains(scale_items.favorable_values, answers.value)
        ) as n_favorable,
    from answers
    inner join scale_items on answers.slot = scale_items.slot and answers.item_id = scale_items.item_id
    group by answers.slot, answers.response_no, scale_items.scale_id
),

person_scales as (
    select
        responses.slot,
        responses.response_no,
        responses.person_id,
        responses.is_flagged,
        responses.disposition = 'usable' as is_usable,
        counted.* exclude (slot, response_no, min_answered_numerator, min_answered_denominator),
        cast(counted.total * counted.parts // counted.n_answered as bigint) as score_parts,
        cast(counted.n_favorable * counted.parts // counted.n_answered as bigint) as favorable_parts,
    from counted
    inner join responses on counted.slot = responses.slot and counted.response_no = responses.response_no
    where
        counted.n_answered > 0
        and counted.n_answered * counted.min_answered_denominator
        >= counted.n_presented * counted.min_answered_numerator
)

select * from person_scales
