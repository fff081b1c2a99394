{{ config(materialized='by_part', stale='int_survey__touched_pairs', parts=['slot']) }}
with

items as (
    select
        common_items.*,
        {{ lcm_up_to('common_items.n_exact') }} as parts,
        scales.min_answered_numerator,
        scales.min_answered_denominator,
    from {{ ref('int_survey__common_items') }} as common_items
    inner join {{ ref('int_survey__windows') }} as windows on common_items.slot = windows.slot
    inner join {{ ref('stg_declared__scales') }} as scales
        on
            windows.instrument_id = scales.instrument_id
            and windows.edition = scales.edition
            and common_items.scale_id = scales.scale_id
    where
        common_items.earlier_item_id is not null
        and common_items.slot in (select touched.slot from {{ ref('int_survey__touched_pairs') }} as touched)
),

sides as (
    select
        * exclude (earlier_item_id),
        'later' as side,
        slot as of_slot,
    from items
    union all by name
    select
        * exclude (earlier_item_id) replace (earlier_item_id as item_id),
        'earlier' as side,
        earlier_slot as of_slot,
    from items
),

responses as (
    select * from {{ ref('int_survey__dispositions') }}
    where disposition in ('usable', 'too_partial')
),

counted as (
    select
        sides.slot,
        sides.earlier_slot,
        sides.side,
        sides.of_slot,
        sides.scale_id,
        responses.response_no,
        responses.person_id,
        responses.disposition = 'usable' as is_usable,
        any_value(sides.parts) as parts,
        count(*) filter (answers.answer_state = 'answered') as n_answered,
        sum(answers.value) filter (answers.answer_state = 'answered') as total,
    from sides
    inner join responses on sides.of_slot = responses.slot
    inner join {{ ref('int_survey__items') }} as asked on sides.of_slot = asked.slot and sides.item_id = asked.item_id
    inner join {{ ref('int_survey__answers_scored') }} as answers
        on
            responses.slot = answers.slot
            and responses.response_no = answers.response_no
            and asked.item_no = answers.item_no
    where answers.answer_state in ('answered', 'skipped')
    group by
        sides.slot, sides.earlier_slot, sides.side, sides.of_slot, sides.scale_id,
        responses.response_no, responses.person_id, responses.disposition,
        sides.min_answered_numerator, sides.min_answered_denominator
    having
        count(*) filter (answers.answer_state = 'answered') > 0
        and count(*) filter (answers.answer_state = 'answered') * sides.min_answered_denominator
        >= count(*) * sides.min_answered_numerator
),

common_scales as (
    select
        *,
        cast(total * parts // n_answered as bigint) as score_parts,
    from counted
)

select * from common_scales
