{{ config(materialized='by_part', stale='int_changes__touched_rosters', parts=['school_year']) }}
with

sets as (
    select * from {{ ref('stg_declared__groups') }}
),

set_names as (
    select distinct
        group_set_id,
        attribute,
        member_on,
        unmapped,
    from sets
),

spans as (
    select * from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_rosters') }} as touched)
),

{{ held_values(ref('int_changes__touched_rosters')) }}

declared as (
    select
        students.student_key,
        students.school_year,
        set_names.group_set_id,
        case
            when held.value is null then 'not_recorded'
            else coalesce(sets.group_id, nullif(set_names.unmapped, 'fail'))
        end as group_id,
    from students
    cross join set_names
    left join held
        on
            students.student_key = held.student_key
            and students.school_year = held.school_year
            and set_names.attribute = held.attribute
    left join sets on set_names.group_set_id = sets.group_set_id and held.value = sets.value
    qualify
        row_number() over (
            partition by students.student_key, students.school_year, set_names.group_set_id
            order by
                case when set_names.member_on = 'ever_in_year' then sets.group_no end asc,
                held.valid_from desc,
                sets.group_no asc
        ) = 1
),

memberships as (
    select
        student_key,
        school_year,
        group_set_id,
        coalesce(told.told_id, group_id) as group_id,
        group_id as declared_group_id,
    from declared
    left join {{ ref('int_groups__told') }} as told using (school_year, group_set_id, group_id)
)

select * from memberships
