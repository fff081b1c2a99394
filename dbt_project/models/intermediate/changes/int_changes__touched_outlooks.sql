with

rosters as (
    select * from {{ ref('int_changes__touched_rosters') }}
),

now_spans as (
    select * from {{ ref('int_enrollment__spans') }}
    where school_year in (select rosters.school_year from rosters)
),

built_spans as (
    select * from {{ source('landed', 'built_spans') }}
    where school_year in (select rosters.school_year from rosters)
),

-- years of whose days to come, or of those who are members on them, something else is known
differing as (
    {{ differing(
        'now_spans', 'built_spans',
        'student_key, school_id, enrollment_id, calendar_id, grade, school_year, entered_on, last_on, fte, '
        ~ 'attends_weekdays, is_primary, tie_no'
    ) }}
),

rescheduled as (
    select school_year from {{ ref('int_changes__touched_years') }}
    where has_other_schedule
    union
    select school_year from differing
    union
    -- where the first day present begins a membership, a mark moves days that lay before it
    select school_year from {{ ref('int_changes__touched_days') }}
    where (select district.no_show from {{ ref('stg_declared__district') }} as district) <> 'keep'
),

reached as (
    select max(on_date) as on_day from {{ ref('int_attendance__submission') }}
    where submission_state <> 'not_yet'
),

weeks as (
    select
        school_year,
        week_no,
        week_last_on as period_ends_on,
        year_starts_on as period_starts_on,
    from ({{ school_weeks() }})
),

touched_outlooks as (
    select
        weeks.school_year,
        cast(weeks.period_ends_on as varchar) as period_id,
        weeks.week_no,
        weeks.period_starts_on,
        weeks.period_ends_on,
        weeks.period_ends_on <= reached.on_day as is_complete,
    from weeks
    cross join reached
    left join {{ ref('int_changes__touched_periods') }} as touched
        on
            weeks.school_year = touched.school_year
            and touched.period_kind = 'year_to_date'
            and touched.period_id = cast(weeks.period_ends_on as varchar)
    where
        touched.period_id is not null
        or weeks.school_year in (select rescheduled.school_year from rescheduled)
    union all
    select
        school_year,
        period_id,
        null as week_no,
        period_starts_on,
        period_ends_on,
        false as is_complete,
    from {{ ref('int_changes__touched_periods') }}
    where period_kind = 'year_to_date' and period_id not in (select cast(weeks.period_ends_on as varchar) from weeks)
)

select * from touched_outlooks
