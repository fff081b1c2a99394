{{ config(materialized='by_part', stale='int_changes__touched_group_days', parts=['school_year'], compared=false) }}
with

sets as (
    select * from {{ ref('stg_declared__groups') }}
    where member_on in ('on_day', 'at_window')
),

set_names as (
    select distinct
        group_set_id,
        attribute,
        unmapped,
    from sets
),

spans as (
    select * from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_group_days') }} as touched)
),

{{ held_values(ref('int_changes__touched_group_days')) }}

declared as (
    select
        held.student_key,
        held.school_year,
        set_names.group_set_id,
        coalesce(sets.group_id, nullif(set_names.unmapped, 'fail')) as group_id,
        greatest(held.valid_from, years.first_on) as from_on,
        least(coalesce(held.valid_to, years.last_on), years.last_on) as to_on,
    from held
    inner join years on held.school_year = years.school_year
    inner join set_names on held.attribute = set_names.attribute
    left join sets on set_names.group_set_id = sets.group_set_id and held.value = sets.value
    where greatest(held.valid_from, years.first_on) <= least(coalesce(held.valid_to, years.last_on), years.last_on)
),

group_spans as (
    select distinct
        declared.* exclude (group_id),
        coalesce(told.told_id, group_id) as group_id,
    from declared
    left join {{ ref('int_groups__told') }} as told using (school_year, group_set_id, group_id)
)

select * from group_spans
