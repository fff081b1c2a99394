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
        student_no,
        school_id,
    from {{ ref('int_enrollment__spans') }}
),

-- asked for twice, and of a whole build too many to keep
days as not materialized (
    select
        days.stay_no,
        days.on_date,
        days.overlap_state,
    from {{ ref('int_attendance__member_days') }} as days
    inner join touched on days.school_year = touched.school_year and days.on_date = touched.on_date
),

-- only a tenth of the days has marks
members as (
    select
        marks.student_no,
        marks.school_id,
        marks.on_date,
    from marks
    inner join stays on marks.student_no = stays.student_no and marks.school_id = stays.school_id
    inner join days on stays.stay_no = days.stay_no and marks.on_date = days.on_date
),

school_days as (
    select distinct
        school_id,
        on_date,
    from {{ ref('int_calendar__instructional_days') }}
    where on_date in (select touched.on_date from touched)
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
        stays.school_id,
        days.on_date,
        1 as n_rows,
    from days
    inner join stays on days.stay_no = stays.stay_no
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
