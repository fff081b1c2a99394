-- depends_on: {{ ref('stg_landed__responses') }} {{ ref('stg_landed__roster') }}
with

delivered as (
    select
        slot,
        string_agg(entity || source_id || batch_id, ' ' order by entity, source_id) as content,
    from {{ ref('stg_ledger__current_slots') }}
    where entity in ('responses', 'roster')
    group by slot
),

zones as (
    select string_agg(school_id || time_zone, ' ' order by school_id) as content
    from {{ ref('stg_declared__school_zones') }}
),

editions as (
    select
        instruments.instrument_id,
        instruments.edition,
        concat_ws(' ', instruments.digest, district.district_id, district.time_zone, zones.content) as content,
    from {{ ref('stg_declared__instruments') }} as instruments
    cross join {{ ref('stg_declared__district') }} as district
    cross join zones
),

slots as (
    select
        windows.window_id || '.' || windows.school_year as slot,
        concat_ws(' ', windows.opens_on, windows.closes_on, editions.content, delivered.content) as fingerprint,
    from {{ ref('stg_declared__windows') }} as windows
    inner join editions using (instrument_id, edition)
    left join delivered on windows.window_id || '.' || windows.school_year = delivered.slot
    where windows.kind = 'survey'
)

select * from slots
