{{ config(materialized='by_part', stale='int_changes__touched_rosters', parts=['school_year']) }}
with

enrollment as (
    select * from {{ ref('stg_landed__enrollment') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_rosters') }} as touched)
),

district as (
    select * from {{ ref('stg_declared__district') }}
),

year_calendars as (
    select
        cast(slot as integer) as school_year,
        school_id,
        calendar_id,
        max(on_date) as last_on,
    from {{ ref('int_calendar__days') }}
    where is_instructional
    group by all
),

school_years as (
    select distinct
        school_id,
        school_year,
    from enrollment
),

school_calendars as (
    select
        schools.school_id,
        schools.school_year,
        case when count(distinct calendars.calendar_id) = 1 then min(calendars.calendar_id) end as only_calendar_id,
        max(calendars.last_on) as last_on,
    from school_years as schools
    inner join year_calendars as calendars
        on
            schools.school_year = calendars.school_year
            and (calendars.school_id is null or schools.school_id = calendars.school_id)
    group by schools.school_id, schools.school_year
),

spans as (
    select
        enrollment.student_key,
        -- millions of rows are kept and grouped by numbers, not by long texts: the student, and all a day's row names
        md5_number_lower(enrollment.student_key) as student_no,
        md5_number_lower(
            concat_ws(
                chr(31), enrollment.student_key, enrollment.school_id, enrollment.enrollment_id,
                coalesce(enrollment.calendar_id, calendars.only_calendar_id), enrollment.grade, enrollment.school_year
            )
        ) as stay_no,
        enrollment.school_id,
        enrollment.enrollment_id,
        coalesce(enrollment.calendar_id, calendars.only_calendar_id) as calendar_id,
        enrollment.grade,
        enrollment.school_year,
        enrollment.entered_on,
        least(
            coalesce(
                case when district.is_exit_day_member then enrollment.exited_on else enrollment.exited_on - 1 end,
                calendars.last_on
            ),
            calendars.last_on
        ) as last_on,
        enrollment.fte,
        enrollment.attends_weekdays,
        coalesce(enrollment.is_primary, false) as is_primary,
        row_number() over (
            partition by
                enrollment.student_key, enrollment.school_year, coalesce(enrollment.is_primary, false),
                enrollment.entered_on
            order by enrollment.received_at desc, enrollment.enrollment_id asc, enrollment.school_id asc
        ) as tie_no,
    from enrollment
    cross join district
    left join school_calendars as calendars
        on enrollment.school_id = calendars.school_id and enrollment.school_year = calendars.school_year
)

select * from spans
