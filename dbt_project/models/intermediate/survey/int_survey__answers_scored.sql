{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

responses as (
    select * from {{ ref('stg_landed__responses') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

windows as (
    select * from {{ ref('int_survey__windows') }}
),

spellings as (
    select * from {{ ref('int_survey__spellings') }}
),

heads as (
    select distinct
        slot,
        response_id,
    from responses
),

asked as (
    select
        heads.slot,
        heads.response_id,
        items.item_id,
        items.item_no,
        items.option_set_id,
        items.is_scored and not items.is_multi as is_scored,
        items.is_reversed,
        items.present_if_item,
        string_split(items.present_if_values, ',') as present_if_values,
        windows.missing_codes,
    from heads
    inner join windows on heads.slot = windows.slot
    inner join {{ ref('stg_declared__items') }} as items
        on windows.instrument_id = items.instrument_id and windows.edition = items.edition
),

written as (
    select
        responses.slot,
        responses.response_id,
        responses.item_id,
        min(responses.option_value) as option_value,
        min(responses.answer_state) as answer_state,
        min(spellings.option_value) as meant,
        min(spellings.counts_as) as counts_as,
        min(spellings.value) as value,
    from responses
    left join spellings
        on
            responses.slot = spellings.slot
            and responses.item_id = spellings.item_id
            and responses.option_value = spellings.written
    group by responses.slot, responses.response_id, responses.item_id
),

gates as (
    select * from written
    where item_id in (select asked.present_if_item from asked)
),

answers as (
    select
        asked.slot,
        asked.response_id,
        asked.item_id,
        asked.item_no,
        asked.is_scored,
        asked.is_reversed,
        case
            when written.counts_as is not null then written.counts_as
            when written.option_value <> '' and not list_contains(asked.missing_codes, written.option_value)
                then 'answered'
            when written.answer_state in ('not_presented', 'not_applicable') then written.answer_state
            when
                asked.present_if_item is not null
                and not coalesce(list_contains(asked.present_if_values, gates.meant), false)
                then 'not_presented'
            else 'skipped'
        end as answer_state,
        coalesce(written.meant, written.option_value) as option_value,
        written.value,
        asked.option_set_id is null or written.meant is not null as is_known,
    from asked
    left join written
        on
            asked.slot = written.slot
            and asked.response_id = written.response_id
            and asked.item_id = written.item_id
    left join gates
        on
            asked.slot = gates.slot
            and asked.response_id = gates.response_id
            and asked.present_if_item = gates.item_id
)

select * from answers
