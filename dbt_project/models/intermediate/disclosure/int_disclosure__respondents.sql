{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

-- only people on a list: who answered without a name is nobody that could be told apart from another
members as (
    select
        slot,
        window_id,
        school_year,
        person_id,
        unit_type,
        unit_id,
        is_out,
    from {{ ref('int_survey__members') }}
    where
        is_listed
        and unit_id <> ''
        and group_set_id = 'all'
        and slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

-- a person is in the same groups in the district and in the school: told once
grouped as (
    select
        slot,
        person_id,
        {{ written_groups('group_set_id', 'group_id') }} as groups,
    from {{ ref('int_survey__members') }}
    where
        is_listed
        and unit_type = 'district'
        and group_set_id <> 'all'
        and slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
    group by slot, person_id
),

usable as (
    select distinct
        slot,
        person_id,
    from {{ ref('int_survey__dispositions') }}
    where disposition = 'usable'
),

scored as (
    select
        slot,
        person_id,
        array_to_string(list_sort(list(scale_id)), ',') as scale_ids,
    from {{ ref('int_survey__person_scales') }}
    group by slot, person_id
),

respondents as (
    select
        members.* exclude (person_id),
        coalesce(grouped.groups, '') as groups,
        windows.instrument_id,
        md5_number_lower(members.person_id) as student_no,
        usable.person_id is not null as is_usable,
        coalesce(scored.scale_ids, '') as scale_ids,
        md5_number_lower(
            concat_ws('|', members.person_id, members.unit_type, members.unit_id, coalesce(grouped.groups, ''))
        ) as row_mark,
    from members
    inner join {{ ref('int_survey__windows') }} as windows on members.slot = windows.slot
    left join grouped on members.slot = grouped.slot and members.person_id = grouped.person_id
    left join usable on members.slot = usable.slot and members.person_id = usable.person_id
    left join scored on members.slot = scored.slot and members.person_id = scored.person_id
)

select * from respondents
