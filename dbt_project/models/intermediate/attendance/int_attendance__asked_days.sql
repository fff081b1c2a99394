{{ config(materialized='view') }}
with

dates as (
    select * from {{ ref('int_calendar__dates') }}
),

reached as (
    select
        greatest(
            (
                select max(submission.on_date) from {{ ref('int_attendance__submission') }} as submission
                where submission.submission_state <> 'not_yet'
            ),
            (select max(days.on_date) from {{ ref('int_attendance__count_days') }} as days)
        ) as on_day,
),

terms as (
    select
        school_year,
        school_year || '_' || term_kind || '_' || term_no as period_id,
        coalesce(
            lag(ends_on) over (partition by school_year, term_kind order by ends_on), date '0001-01-01'
        ) as after_on,
        ends_on,
    from {{ ref('stg_declared__terms') }}
),

placed as (
    select
        school_year,
        'day' as period_kind,
        cast(on_date as varchar) as period_id,
        on_date,
    from dates
    union all
    select
        terms.school_year,
        'term' as period_kind,
        terms.period_id,
        dates.on_date,
    from terms
    inner join dates
        on terms.school_year = dates.school_year and terms.after_on < dates.on_date and terms.ends_on >= dates.on_date
),

asked_days as (
    select
        *,
        min(on_date) over (partition by school_year, period_kind, period_id) as period_starts_on,
        max(on_date) over (partition by school_year, period_kind, period_id) as period_ends_on,
    from placed
    qualify max(on_date) over (partition by school_year, period_kind, period_id) <= (select reached.on_day from reached)
)

select * from asked_days
