{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

members as (
    select * from {{ ref('int_survey__members') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

usable as (
    select distinct
        slot,
        person_id,
    from {{ ref('int_survey__dispositions') }}
    where disposition = 'usable'
),

response_counts as (
    select
        members.slot,
        members.unit_type,
        members.unit_id,
        members.group_set_id,
        members.group_id,
        count(usable.person_id) as n_usable,
        count(*) filter (members.is_listed) as n_eligible,
        count(*) filter (members.is_listed and not members.is_out) as n_reachable,
    from members
    left join usable on members.slot = usable.slot and members.person_id = usable.person_id
    where members.unit_id <> ''
    group by all
)

select * from response_counts
