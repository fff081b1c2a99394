{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

people as (
    select
        slot,
        person_id,
        bit_xor(md5_number_lower(concat_ws('|', unit_type, unit_id, group_set_id, group_id))) as place_no,
        bool_or(is_listed) as is_listed,
        bool_or(is_out) as is_out,
    from {{ ref('int_survey__members') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
    group by slot, person_id
)

select * from people
