{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

touched as materialized (
    select
        slot,
        row_number() over (order by slot) as slot_no,
    from {{ ref('int_survey__touched_slots') }}
),

-- millions of answers meet their response, their item and what it means by number; that of a response holds its own
sent as materialized (
    select
        responses.slot,
        responses.response_id,
        {{ packed('touched.slot_no', 'responses.response_no') }} as sent_no,
    from {{ ref('int_survey__sent_responses') }} as responses
    inner join touched on responses.slot = touched.slot
),

items as materialized (
    select
        *,
        cast(row_number() over () as integer) as asked_no,
        cast(row_number() over (partition by slot order by item_no) as integer) as place,
        count(*) over (partition by slot) as n_items,
    from {{ ref('int_survey__items') }}
    where slot in (select touched.slot from touched)
),

spellings as materialized (
    select
        spellings.*,
        items.asked_no,
        cast(row_number() over () as integer) as spelling_no,
    from {{ ref('int_survey__spellings') }} as spellings
    inner join items on spellings.slot = items.slot and spellings.item_id = items.item_id
),

-- items by a left join: the responses are to meet their answers first, not every item there is
arrived as materialized (
    select
        sent.sent_no,
        items.asked_no,
        items.place,
        spellings.spelling_no,
        case when spellings.spelling_no is null then responses.option_value end as own_words,
        try_cast(responses.answer_state as {{ answer_states() }}) as answer_state,
    from {{ ref('stg_landed__responses') }} as responses
    inner join sent on responses.slot = sent.slot and responses.response_id = sent.response_id
    left join items on responses.slot = items.slot and responses.item_id = items.item_id
    left join spellings on items.asked_no = spellings.asked_no and responses.option_value = spellings.written
    where responses.slot in (select touched.slot from touched)
),

written as not materialized (
    select * from arrived
    where asked_no is not null
),

-- which items a response has, each a bit of a number
counted as (
    select
        sent_no,
        place // 60 as number_no,
        count(*) as n_rows,
        bit_count(bit_or(cast(1 as bigint) << (place % 60))) as n_items,
    from written
    group by sent_no, number_no
),

repeating as (
    select distinct sent_no from counted
    where n_rows > n_items
),

-- few responses answer an item more than once, as they may where several options can be chosen: the first one stands
single as not materialized (
    select * exclude (place) from written
    anti join repeating using (sent_no)
    union all by name
    select written.* exclude (place)
    from written
    semi join repeating using (sent_no)
    left join spellings on written.spelling_no = spellings.spelling_no
    qualify
        row_number() over (
            partition by written.sent_no, written.asked_no
            order by
                written.answer_state asc, nullif(coalesce(spellings.written, written.own_words), '') asc nulls last
        ) = 1
),

instruments as (
    select distinct
        slot,
        n_items,
    from items
),

-- few responses lack an item: looking each up among millions of answers would take most of the time
brief as (
    select
        sent.sent_no,
        sent.slot,
    from sent
    inner join instruments on sent.slot = instruments.slot
    left join counted on sent.sent_no = counted.sent_no
    group by sent.sent_no, sent.slot, instruments.n_items
    having coalesce(sum(counted.n_items), 0) < instruments.n_items
),

written_briefly as (
    select
        written.sent_no,
        written.asked_no,
    from written
    semi join brief on written.sent_no = brief.sent_no
),

lacking as (
    select
        brief.sent_no,
        items.asked_no,
    from brief
    inner join items on brief.slot = items.slot
    anti join written_briefly
        on brief.sent_no = written_briefly.sent_no and items.asked_no = written_briefly.asked_no
),

asked as (
    select * from single
    union all by name
    select * from lacking
),

gates as (
    select
        single.sent_no,
        gated.asked_no,
        spellings.option_value,
    from items as gated
    inner join items as gate on gated.slot = gate.slot and gated.present_if_item = gate.item_id
    inner join single on gate.asked_no = single.asked_no
    left join spellings on single.spelling_no = spellings.spelling_no
),

told as (
    select
        asked.sent_no,
        asked.asked_no,
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
        items.slot,
        cast({{ packed_low('told.sent_no') }} as integer) as response_no,
        items.item_no,
        items.is_scored,
        cast(
            case
                when told.counts_as is not null then told.counts_as
                when told.written <> '' and not list_contains(items.missing_codes, told.written) then 'answered'
                when told.answer_state in ('not_presented', 'not_applicable') then told.answer_state
                when
                    items.present_if_item is not null
                    and not coalesce(
                        list_contains(string_split(items.present_if_values, ','), gates.option_value), false
                    )
                    then 'not_presented'
                else 'skipped'
            end as {{ answer_states() }}
        ) as answer_state,
        coalesce(told.meant, told.written) as option_value,
        told.value,
        items.option_set_id is null or told.meant is not null as is_known,
    from told
    inner join items on told.asked_no = items.asked_no
    left join gates on told.sent_no = gates.sent_no and told.asked_no = gates.asked_no
)

select * from answers
