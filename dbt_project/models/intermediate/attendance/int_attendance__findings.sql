{{ config(materialized='by_part', stale='int_changes__touched_days', parts=['on_date']) }}
with

touched as (
    select * from {{ ref('int_changes__touched_days') }}
),

marks as (
    select * from {{ ref('int_attendance__day_marks') }}
),

stays as (
    select distinct
        stay_no,
        school_id,
    from {{ ref('int_enrollment__spans') }}
),

days as (
    select
        days.stay_no,
        days.on_date,
    from {{ ref('int_attendance__member_days') }} as days
    inner join touched on days.school_year = touched.school_year and days.on_date = touched.on_date
    where days.overlap_state = 'above'
),

school_days as (
    select * from {{ ref('int_calendar__instructional_days') }}
    where on_date in (select touched.on_date from touched)
),

{{ counted_spans() }},

-- marks meet memberships, of which there are few, and not the days of all members
inside as not materialized (
    select
        marks.student_no,
        marks.school_id,
        marks.on_date,
        marks.n_marks,
        spans.is_only,
    from marks
    inner join spans on marks.student_no = spans.student_no and marks.school_id = spans.school_id
    inner join school_days on marks.on_date = school_days.on_date and {{ is_day_of_span() }}
    where {{ is_attended_weekday() }}
),

-- two memberships of a day are one member day
shared as (
    select distinct * from inside
    where not is_only
),

known as (
    select
        school_id,
        on_date,
        n_marks,
    from inside
    where is_only
    union all
    select
        school_id,
        on_date,
        n_marks,
    from shared
),

taken_out as (
    select
        school_id,
        on_date,
        n_marks,
    from marks
    union all
    select
        school_id,
        on_date,
        -n_marks as n_marks,
    from known
),

outside as (
    select
        school_id,
        on_date,
        sum(n_marks) as n_rows,
    from taken_out
    group by school_id, on_date
    having sum(n_marks) > 0
),

open_days as (
    select distinct
        school_id,
        on_date,
    from school_days
),

found as (
    select
        case when open_days.on_date is null then 'mark_on_a_day_without_school' else 'mark_without_membership' end
            as rule,
        outside.school_id,
        outside.on_date,
        outside.n_rows,
    from outside
    left join open_days on outside.school_id = open_days.school_id and outside.on_date = open_days.on_date
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
        stays.school_id,
        days.on_date,
        1 as n_rows,
    from days
    inner join stays on days.stay_no = stays.stay_no
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
