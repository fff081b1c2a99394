{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

responses as (
    select * from {{ ref('int_survey__dispositions') }}
    where
        disposition in ('usable', 'too_partial')
        and slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

{{ numbered_scales() }},

scales as (
    select
        parts.part_no,
        parts.slot,
        parts.scale_id,
        declared.min_answered_numerator,
        declared.min_answered_denominator,
        list_transform(string_split(declared.favorable_values, ','), lambda text: try_cast(text as integer))
            as favorable_values,
        -- Every mean of some of the items is a whole number of these parts, so that sums stay integers.
        {{ lcm_up_to('parts.n_items') }} as parts,
    from parts
    inner join {{ ref('int_survey__windows') }} as windows on parts.slot = windows.slot
    inner join {{ ref('stg_declared__scales') }} as declared
        on
            windows.instrument_id = declared.instrument_id
            and windows.edition = declared.edition
            and parts.scale_id = declared.scale_id
),

asked as (
    select
        scale_items.slot,
        scale_items.item_no,
        scale_items.part_no,
        scales.favorable_values,
    from scale_items
    inner join scales on scale_items.part_no = scales.part_no
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
        asked.part_no,
        answers.response_no,
        count(*) as n_presented,
        count(*) filter (answers.answer_state = 'answered') as n_answered,
        -- divided below: a number of 128 bits would cost several times as much
        cast(sum(answers.value) filter (answers.answer_state = 'answered') as bigint) as total,
        count(*) filter (
            answers.answer_state = 'answered' and list_contains(asked.favorable_values, answers.value)
        ) as n_favorable,
    from answers
    inner join asked on answers.slot = asked.slot and answers.item_no = asked.item_no
    group by asked.part_no, answers.response_no
),

person_scales as (
    select
        responses.slot,
        responses.response_no,
        responses.person_id,
        responses.is_flagged,
        responses.disposition = 'usable' as is_usable,
        scales.scale_id,
        scales.parts,
        counted.* exclude (part_no, response_no),
        cast(counted.total * scales.parts // counted.n_answered as bigint) as score_parts,
        cast(counted.n_favorable * scales.parts // counted.n_answered as bigint) as favorable_parts,
    from counted
    inner join scales on counted.part_no = scales.part_no
    inner join responses on scales.slot = responses.slot and counted.response_no = responses.response_no
    where
        counted.n_answered > 0
        and counted.n_answered * scales.min_answered_denominator
        >= counted.n_presented * scales.min_answered_numerator
)

select * from person_scales
