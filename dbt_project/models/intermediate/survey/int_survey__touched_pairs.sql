{{ config(materialized='view') }}
with

windows as (
    select * from {{ ref('int_survey__windows') }}
),

touched as (
    select
        members.slot,
        windows.instrument_id,
    from {{ ref('int_survey__touched_members') }} as members
    left join windows on members.slot = windows.slot
),

-- a wave that moved or went away leaves others of its instrument beside another one than before
touched_pairs as (
    select slot from touched
    union
    select windows.slot
    from windows
    inner join touched on windows.instrument_id = coalesce(touched.instrument_id, windows.instrument_id)
)

select * from touched_pairs
