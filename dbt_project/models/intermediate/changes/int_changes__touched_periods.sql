with

periods as (
    select * from {{ ref('int_calendar__periods') }}
),

closed_periods as (
    select * from {{ ref('int_changes__closed_periods') }}
),

-- a period that goes on has no figures, and none to lose where it went on in the last build too
known as (
    select * from closed_periods
    union
    select * from {{ source('landed', 'built_closed_periods') }}
),

touched_periods as (
    select
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        any_value(periods.period_starts_on) as period_starts_on,
        any_value(periods.period_ends_on) as period_ends_on,
        bool_and(closed.period_id is not null) as is_complete,
    from periods
    semi join known using (school_year, period_kind, period_id)
    left join closed_periods as closed
        on
            periods.school_year = closed.school_year
            and periods.period_kind = closed.period_kind
            and periods.period_id = closed.period_id
    left join {{ ref('int_changes__touched_pieces') }} as touched
        on periods.school_year = touched.school_year and periods.piece_id = touched.piece_id
    where
        touched.piece_id is not null
        or periods.school_year in (
            select refigured.school_year from {{ ref('int_changes__refigured_years') }} as refigured
        )
    group by periods.school_year, periods.period_kind, periods.period_id
    union all
    -- of a period that is called otherwise now, as a year to date is whose last day became a holiday, nothing stays
    select
        school_year,
        period_kind,
        period_id,
        any_value(period_starts_on) as period_starts_on,
        any_value(period_ends_on) as period_ends_on,
        false as is_complete,
    from {{ source('landed', 'built_periods') }}
    anti join periods using (school_year, period_kind, period_id)
    group by school_year, period_kind, period_id
)

select * from touched_periods
