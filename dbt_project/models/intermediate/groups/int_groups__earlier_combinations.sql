{{ config(materialized='by_part', stale='int_changes__touched_group_days', parts=['school_year'], compared=false) }}
with

touched as (
    select * from {{ ref('int_changes__touched_group_days') }}
),

memberships as (
    select * from {{ ref('int_groups__memberships') }}
    where school_year in (select touched.school_year from touched)
),

on_day as (
    select distinct group_set_id from {{ ref('stg_declared__groups') }}
    where member_on = 'on_day'
),

-- any school day may be the last one of a period
ends as (
    select
        school_year,
        on_date as ends_on,
        case when on_date = week_last_on then week_no end as week_no,
    from {{ ref('int_calendar__dates') }}
    where school_year in (select touched.school_year from touched)
),

held as (
    select
        spans.*,
        ends.ends_on,
    from {{ ref('int_groups__spans') }} as spans
    inner join on_day on spans.group_set_id = on_day.group_set_id
    inner join ends on spans.school_year = ends.school_year and ends.ends_on between spans.from_on and spans.to_on
    qualify
        row_number() over (
            partition by spans.student_key, spans.school_year, spans.group_set_id, ends.ends_on
            order by spans.from_on desc, spans.group_id asc
        ) = 1
),

-- on which last days of periods a student was in another group than in the end
differing as (
    select
        memberships.student_key,
        memberships.school_year,
        memberships.group_set_id,
        ends.ends_on,
        ends.week_no,
        coalesce(held.group_id, 'not_recorded') as group_id,
    from memberships
    inner join on_day on memberships.group_set_id = on_day.group_set_id
    inner join ends on memberships.school_year = ends.school_year
    left join held
        on
            memberships.student_key = held.student_key
            and memberships.school_year = held.school_year
            and memberships.group_set_id = held.group_set_id
            and ends.ends_on = held.ends_on
    where memberships.group_id <> coalesce(held.group_id, 'not_recorded')
),

moments as (
    select distinct
        student_key,
        school_year,
        ends_on,
        week_no,
    from differing
),

combinations as (
    select
        moments.student_key,
        moments.school_year,
        moments.ends_on,
        moments.week_no,
        string_agg(
            memberships.group_set_id || '=' || coalesce(differing.group_id, memberships.group_id),
            ',' order by memberships.group_set_id
        ) as combination,
    from moments
    inner join memberships
        on moments.student_key = memberships.student_key and moments.school_year = memberships.school_year
    left join differing
        on
            moments.student_key = differing.student_key
            and moments.school_year = differing.school_year
            and moments.ends_on = differing.ends_on
            and memberships.group_set_id = differing.group_set_id
    group by all
),

earlier_combinations as (
    select
        md5_number_lower(student_key) as student_no,
        school_year,
        ends_on,
        week_no,
        md5_number_lower(combination) as combination_no,
        combination,
    from combinations
)

select * from earlier_combinations
