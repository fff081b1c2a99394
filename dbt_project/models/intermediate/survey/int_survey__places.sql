{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

anybody as (
    select
        slot,
        place_no,
        min(person_id) as person_id,
    from {{ ref('int_survey__people') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
    group by slot, place_no
),

places as (
    select
        anybody.slot,
        anybody.place_no,
        members.unit_type,
        members.unit_id,
        members.group_set_id,
        members.group_id,
    from anybody
    inner join {{ ref('int_survey__members') }} as members
        on anybody.slot = members.slot and anybody.person_id = members.person_id
    where members.unit_id <> ''
)

select * from places
