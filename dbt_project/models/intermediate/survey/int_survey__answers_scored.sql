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

items as (
    select
        windows.slot,
        declared.item_id,
        declared.item_no,
        declared.option_set_id,
        declared.is_scored and not declared.is_multi as is_scored,
        declared.is_reversed,
        declared.present_if_item,
        string_split(declared.present_if_values, ',') as present_if_values,
        windows.missing_codes,
        count(*) over (partition by windows.slot) as n_items,
    from windows
    inner join {{ ref('stg_declared__items') }} as declared
        on windows.instrument_id = declared.instrument_id and windows.edition = declared.edition
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
    where item_id in (select gated.present_if_item from items as gated)
),

-- few responses lack an item: looking each up among millions of answers would take most of the time
lacking as (
    select
        written.slot,
        written.response_id,
    from written
    left join items on written.slot = items.slot and written.item_id = items.item_id
    group by written.slot, written.response_id
    having count(items.item_id) < coalesce(max(items.n_items), 1)
),

asked as (
    select * from written
    union all by name
    select
        lacking.slot,
        lacking.response_id,
        items.item_id,
    from lacking
    inner join items on lacking.slot = items.slot
    anti join written
        on
            lacking.slot = written.slot
            and lacking.response_id = written.response_id
            and items.item_id = written.item_id
),

answers as (
    select
        asked.slot,
        asked.response_id,
        asked.item_id,
        items.item_no,
        items.is_scored,
        items.is_reversed,
        case
            when asked.counts_as is not null then asked.counts_as
            when asked.option_value <> '' and not list_contains(items.missing_codes, asked.option_value)
                then 'answered'
            when asked.answer_state in ('not_presented', 'not_applicable') then asked.answer_state
            when
                items.present_if_item is not null
                and not coalesce(list_contains(items.present_if_values, gates.meant), false)
                then 'not_presented'
            else 'skipped'
        end as answer_state,
        coalesce(asked.meant, asked.option_value) as option_value,
        asked.value,
        items.option_set_id is null or asked.meant is not null as is_known,
    from asked
    inner join items on asked.slot = items.slot and asked.item_id = items.item_id
    left join gates
        on
            asked.slot = gates.slot
            and asked.response_id = gates.response_id
            and items.present_if_item = gates.item_id
)

select * from answers
