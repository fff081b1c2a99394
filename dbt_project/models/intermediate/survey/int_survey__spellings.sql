{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

responses as (
    select distinct
        slot,
        item_id,
        option_value,
    from {{ ref('stg_landed__responses') }}
    where option_value <> '' and slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

windows as (
    select * from {{ ref('int_survey__windows') }}
),

items as (
    select * from {{ ref('stg_declared__items') }}
    where option_set_id is not null
),

options as (
    select
        *,
        min(case when counts_as is null then try_cast(option_value as integer) end) over option_sets as lowest,
        max(case when counts_as is null then try_cast(option_value as integer) end) over option_sets as highest,
    from {{ ref('stg_declared__options') }}
    window option_sets as (partition by instrument_id, edition, option_set_id)
),

words as (
    select
        *,
        unnest([option_value, label_en, label_es] || from_json(aliases_json, '["varchar"]')) as word,
        generate_subscripts([option_value, label_en, label_es] || from_json(aliases_json, '["varchar"]'), 1) as word_no,
    from options
),

spellings as (
    select
        responses.slot,
        responses.item_id,
        responses.option_value as written,
        words.option_value,
        words.counts_as,
        case
            when words.counts_as is not null then null
            when items.is_reversed then words.lowest + words.highest - try_cast(words.option_value as integer)
            else try_cast(words.option_value as integer)
        end as value,
    from responses
    inner join windows on responses.slot = windows.slot
    inner join items
        on
            windows.instrument_id = items.instrument_id
            and windows.edition = items.edition
            and responses.item_id = items.item_id
    inner join words
        on
            items.instrument_id = words.instrument_id
            and items.edition = words.edition
            and items.option_set_id = words.option_set_id
            and {{ folded('responses.option_value') }} = {{ folded('words.word') }}
    qualify row_number() over (
        partition by responses.slot, responses.item_id, responses.option_value
        order by least(words.word_no, 2), words.option_no
    ) = 1
)

select * from spellings
