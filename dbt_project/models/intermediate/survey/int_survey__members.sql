{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

windows as (
    select * from {{ ref('int_survey__windows') }}
    where
        has_responses
        and slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

people as (
    select
        slot,
        respondent_key as person_id,
        respondent_class,
        school_id,
        grade,
        true as is_listed,
        is_opted_out or is_gone as is_out,
    from {{ ref('int_survey__roster') }}
    union all
    select
        responses.slot,
        responses.person_id,
        responses.respondent_class,
        responses.school_id,
        responses.grade,
        false as is_listed,
        false as is_out,
    from {{ ref('int_survey__dispositions') }} as responses
    inner join windows on responses.slot = windows.slot
    where windows.is_anonymous
),

group_sets as (
    select
        group_set_id,
        attribute,
        min(nullif(unmapped, 'fail')) as unmapped_group_id,
        bool_or(member_on in ('on_day', 'at_window')) as is_dated,
    from {{ ref('stg_declared__groups') }}
    group by group_set_id, attribute
),

grouped as (
    select
        people.*,
        windows.window_id,
        windows.school_year,
        windows.district_id,
        group_sets.group_set_id,
        case
            when group_sets.attribute <> 'grade' and group_sets.is_dated
                then coalesce(dated.group_id, 'not_recorded')
            when group_sets.attribute <> 'grade' then coalesce(memberships.group_id, 'not_recorded')
            else coalesce(told.told_id, grades.group_id, group_sets.unmapped_group_id, 'not_recorded')
        end as group_id,
    from people
    inner join windows on people.slot = windows.slot
    cross join group_sets
    left join {{ ref('stg_declared__groups') }} as grades
        on group_sets.group_set_id = grades.group_set_id and people.grade = grades.value
    left join {{ ref('int_groups__told') }} as told
        on
            windows.school_year = told.school_year
            and group_sets.group_set_id = told.group_set_id
            and coalesce(grades.group_id, group_sets.unmapped_group_id) = told.group_id
    left join {{ ref('int_groups__memberships') }} as memberships
        on
            people.person_id = memberships.student_key
            and windows.school_year = memberships.school_year
            and group_sets.group_set_id = memberships.group_set_id
    left join {{ ref('int_groups__spans') }} as dated
        on
            people.person_id = dated.student_key
            and windows.school_year = dated.school_year
            and group_sets.group_set_id = dated.group_set_id
            and windows.opens_on between dated.from_on and dated.to_on
    where people.respondent_class = 'student'
    union all
    select
        people.*,
        windows.window_id,
        windows.school_year,
        windows.district_id,
        'all' as group_set_id,
        'all' as group_id,
    from people
    inner join windows on people.slot = windows.slot
),

members as (
    select
        slot,
        window_id,
        school_year,
        person_id,
        is_listed,
        is_out,
        unnest(['district', 'school']) as unit_type,
        unnest([district_id, school_id]) as unit_id,
        group_set_id,
        group_id,
    from grouped
)

select * from members
