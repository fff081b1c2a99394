{{ config(materialized='view') }}
{%- set order = 'is_primary desc, entered_on desc, tie_no asc, enrollment_id asc' %}
with

spans as (
    select
        spans.*,
        stays.unit_no,
        count(*) over (partition by spans.student_no, spans.school_year) as n_spans,
    from {{ ref('int_enrollment__spans') }} as spans
    inner join {{ ref('int_attendance__stays') }} as stays on spans.stay_no = stays.stay_no
    where spans.school_year in (select grown.school_year from {{ ref('int_attendance__grown_periods') }} as grown)
),

weeks as (
    select distinct
        school_year,
        week_no,
    from {{ ref('int_attendance__grown_periods') }}
),

days as (
    select * from {{ ref('int_calendar__days_ahead') }}
),

-- a place has few kinds of stays, and many students of each; students of several stays are taken day by day
kinds as (
    select distinct
        school_year,
        school_id,
        calendar_id,
        grade,
        entered_on,
        last_on,
        fte,
        attends_weekdays,
    from spans
    where n_spans = 1
),

kind_weeks as (
    select
        kinds.*,
        days.week_no,
        sum({{ member_parts('kinds', 'days') }}) as member_parts,
    from kinds
    inner join days using (school_year, school_id, calendar_id, grade)
    where days.on_date between kinds.entered_on and kinds.last_on and {{ attends('kinds', 'days') }}
    group by all
),

alone as (
    select
        spans.school_year,
        weeks.week_no,
        spans.student_no,
        spans.unit_no,
        kind_weeks.member_parts,
    from spans
    inner join kind_weeks using (school_year, school_id, calendar_id, grade, entered_on, last_on)
    inner join weeks on spans.school_year = weeks.school_year and kind_weeks.week_no > weeks.week_no
    where
        spans.n_spans = 1
        and spans.fte is not distinct from kind_weeks.fte
        and spans.attends_weekdays is not distinct from kind_weeks.attends_weekdays
),

several_days as (
    select
        spans.school_year,
        spans.student_no,
        spans.unit_no,
        days.week_no,
        {{ member_parts('spans', 'days') }} as member_parts,
        row_number() over (partition by spans.student_no, days.on_date order by {{ order }}) = 1 as is_owner,
    from spans
    inner join days using (school_year, school_id, calendar_id, grade)
    where
        spans.n_spans > 1
        and days.on_date between spans.entered_on and spans.last_on
        and {{ attends('spans', 'days') }}
    qualify row_number() over (partition by spans.student_no, spans.unit_no, days.on_date order by {{ order }}) = 1
),

students as (
    select * from alone
    union all
    select
        several_days.school_year,
        weeks.week_no,
        several_days.student_no,
        unnest(if(several_days.is_owner, [several_days.unit_no, 0], [several_days.unit_no])) as unit_no,
        several_days.member_parts,
    from several_days
    inner join weeks on several_days.school_year = weeks.school_year and several_days.week_no > weeks.week_no
),

parts_left as (
    select
        school_year,
        week_no,
        student_no,
        unit_no,
        cast(sum(member_parts) as bigint) as parts_left,
    from students
    group by school_year, week_no, student_no, unit_no
)

select * from parts_left
