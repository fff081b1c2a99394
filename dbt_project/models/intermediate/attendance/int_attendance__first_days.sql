{{ config(materialized='by_part', stale='int_changes__touched_no_shows', parts=['school_year'], compared=false) }}
with

touched as (
    select * from {{ ref('int_changes__touched_no_shows') }}
),

spans as (
    select
        *,
        entered_on as begins_on,
    from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from touched)
),

school_days as (
    {{ sent_days('touched', ['school_year']) }}
),

days as (
    {{ days_inside('true') }}
),

-- of the whole year, not of the touched days alone
{{ marks_of('school_days') }},

first_days as (
    select
        days.school_year,
        days.stay_no,
        days.entered_on,
        min(days.on_date) as on_date,
    from days
    left join day_marks as marks using (student_no, school_id, on_date)
    where
        {{ is_measured() }}
        and (marks.student_no is null or {{ parts_up_to('days.member_parts') }} < days.member_parts)
    group by days.school_year, days.stay_no, days.entered_on
)

select * from first_days
