{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

responses as (
    select * from {{ ref('stg_landed__responses') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

windows as (
    select * from {{ ref('int_survey__windows') }}
),

-- by number, as millions of answers are few spellings
spellings as materialized (
    select
        *,
        cast(row_number() over () as integer) as spelling_no,
    from {{ ref('int_survey__spellings') }}
),

sent as (
    select * from {{ ref('int_survey__sent_responses') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
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

written as materialized (
    select
        responses.slot,
        sent.response_no,
        items.item_no,
        spellings.spelling_no,
        case when spellings.spelling_no is null then responses.option_value end as own_words,
        try_cast(responses.answer_state as {{ answer_states() }}) as answer_state,
    from responses
    inner join sent on responses.slot = sent.slot and responses.response_id = sent.response_id
    inner join items on responses.slot = items.slot and responses.item_id = items.item_id
    left join spellings
        on
            responses.slot = spellings.slot
            and responses.item_id = spellings.item_id
            and responses.option_value = spellings.written
),

repeating as materialized (
    select
        slot,
        response_no,
    from written
    group by slot, response_no
    having count(*) > list_unique(list(item_no))
),

-- few responses answer an item more than once, as they may where several options can be chosen: the first one stands
single as materialized (
    select * from written
    anti join repeating using (slot, response_no)
    union all by name
    select written.*
    from written
    semi join repeating using (slot, response_no)
    left join spellings on written.spelling_no = spellings.spelling_no
    qualify
        row_number() over (
            partition by written.slot, written.response_no, written.item_no
            order by
                written.answer_state asc, nullif(coalesce(spellings.written, written.own_words), '') asc nulls last
        ) = 1
),

gates as (
    select
        single.slot,
        single.response_no,
        items.item_id,
        single.spelling_no,
    from single
    inner join items on single.slot = items.slot and single.item_no = items.item_no
    where items.item_id in (select gated.present_if_item from items as gated)
),

counted as (
    select
        slot,
        response_no,
        count(*) as n_written,
    from single
    group by slot, response_no
),

-- few responses lack an item: looking each up among millions of answers would take most of the time
lacking as (
    select
        sent.slot,
        sent.response_no,
        items.item_no,
    from sent
    inner join items on sent.slot = items.slot
    left join counted on sent.slot = counted.slot and sent.response_no = counted.response_no
    where coalesce(counted.n_written, 0) < items.n_items
),

asked as (
    select * from single
    union all by name
    select * from lacking
    anti join single using (slot, response_no, item_no)
),

told as (
    select
        asked.slot,
        asked.response_no,
        asked.item_no,
        coalesce(spellings.written, asked.own_words) as written,
        spellings.option_value as meant,
        spellings.counts_as,
        spellings.value,
        asked.answer_state,
    from asked
    left join spellings on asked.spelling_no = spellings.spelling_no
),

answers as (
    select
        told.slot,
        told.response_no,
        items.item_id,
        told.item_no,
        items.is_scored,
        items.is_reversed,
        cast(
            case
                when told.counts_as is not null then told.counts_as
                when told.written <> '' and not list_contains(items.missing_codes, told.written) then 'answered'
                when told.answer_state in ('not_presented', 'not_applicable') then told.answer_state
                when
                    items.present_if_item is not null
                    and not coalesce(list_contains(items.present_if_values, gate_spellings.option_value), false)
                    then 'not_presented'
                else 'skipped'
            end as {{ answer_states() }}
        ) as answer_state,
        coalesce(told.meant, told.written) as option_value,
        told.value,
        items.option_set_id is null or told.meant is not null as is_known,
    from told
    inner join items on told.slot = items.slot and told.item_no = items.item_no
    left join gates
        on
            told.slot = gates.slot
            and told.response_no = gates.response_no
            and items.present_if_item = gates.item_id
    left join spellings as gate_spellings on gates.spelling_no = gate_spellings.spelling_no
)

select * from answers
