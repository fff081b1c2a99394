with

reached as (
    select
        greatest(
            (
                select max(on_date) from {{ ref('int_attendance__submission') }}
                where submission_state <> 'not_yet'
            ),
            (
                select max(on_date) from {{ ref('int_attendance__count_days') }}
                where day_state = 'reported'
            )
        ) as on_day,
),

closed_periods as (
    select distinct
        periods.school_year,
        periods.period_kind,
        periods.period_id,
    from {{ ref('int_calendar__periods') }} as periods
    inner join reached on periods.period_ends_on <= reached.on_day
)

select * from closed_periods
