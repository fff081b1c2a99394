{{ config(materialized='view') }}
with

touched_pairs as (
    select pairs.slot
    from {{ ref('int_survey__pairs') }} as pairs
    inner join {{ ref('int_survey__touched_members') }} as touched on touched.slot in (pairs.slot, pairs.earlier_slot)
    union
    select slot from {{ ref('int_survey__touched_members') }}
)

select * from touched_pairs
