{{ config(materialized='view') }}
with

slots as (
    select
        batch_id,
        min(slot) as slot,
    from {{ ref('stg_ledger__current_slots') }}
    where entity = 'responses'
    group by batch_id
    having count(*) = 1
),

told as (
    select
        slots.slot,
        cast(json_extract_string(events.payload, '$.n_received') as bigint) as n_received,
        from_json(json_extract(events.payload, '$.quarantined'), '"map(varchar, bigint)"') as quarantined,
        from_json(json_extract(events.payload, '$.ignored'), '"map(varchar, bigint)"') as ignored,
    from {{ ref('stg_ledger__events') }} as events
    inner join slots on events.subject_id = slots.batch_id
    where events.kind = 'batch_accepted'
),

refused as (
    select
        slot,
        'unreadable' as otherwise,
        unnest(map_entries(quarantined)) as entry,
    from told
    union all
    select
        slot,
        'no_response' as otherwise,
        unnest(map_entries(ignored)) as entry,
    from told
),

named as (
    select
        slot,
        case entry.key
            when 'preview' then 'preview'
            when 'outside_window' then 'outside_window'
            when 'placeholder_id' then 'placeholder_key'
            when 'exact_duplicate' then 'duplicate'
            else otherwise
        end as disposition,
        entry.value as n_records,
    from refused
    union all
    select
        slot,
        'received' as disposition,
        n_received as n_records,
    from told
),

door as (
    select
        slot,
        disposition,
        cast(sum(n_records) as bigint) as n_records,
    from named
    group by slot, disposition
)

select * from door
