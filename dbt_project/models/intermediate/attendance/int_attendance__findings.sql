{{ config(materialized='by_part', stale='int_changes__touched_days', parts=['on_date']) }}
with

touched as (
    select * from {{ ref('int_changes__touched_days') }}
),

marks as (
    select * from {{ ref('int_attendance__day_marks') }}
),

members as (
    select
        days.student_no,
        days.school_id,
        days.on_date,
    from {{ ref('fct_member_days') }} as days
    inner join touched on days.school_year = touched.school_year and days.on_date = touched.on_date
),

school_days as (
    select distinct
        school_id,
        on_date,
    from {{ ref('int_calendar__instructional_days') }}
),

found as (
    select
        case when school_days.on_date is null then 'mark_on_a_day_without_school' else 'mark_without_membership' end
            as rule,
        marks.school_id,
        marks.on_date,
        marks.n_marks as n_rows,
    from marks
    left join members using (student_no, school_id, on_date)
    left join school_days on marks.school_id = school_days.school_id and marks.on_date = school_days.on_date
    where members.student_no is null
    union all
    select
        'more_than_a_day_missed' as rule,
        school_id,
        on_date,
        n_marks as n_rows,
    from marks
    where
        {{ absence_categories() | join('_parts + ') }}_parts
        > {{ var('day_parts') }}
    union all
    select
        'unmapped_mark' as rule,
        school_id,
        on_date,
        n_unmapped as n_rows,
    from marks
    where n_unmapped > 0
    union all
    select
        'more_than_a_day_enrolled' as rule,
        days.school_id,
        days.on_date,
        1 as n_rows,
    from {{ ref('fct_member_days') }} as days
    inner join touched on days.school_year = touched.school_year and days.on_date = touched.on_date
    where days.overlap_state = 'above'
    union all
    select
        day_state as rule,
        school_id,
        on_date,
        1 as n_rows,
    from {{ ref('int_attendance__count_days') }}
    where day_state in ('closed_or_not_reported', 'implausible_zero')
),

findings as (
    select
        rule,
        school_id,
        on_date,
        cast(sum(n_rows) as bigint) as n_rows,
    from found
    group by rule, school_id, on_date
)

select * from findings
