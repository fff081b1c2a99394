with

touched_years as (
    select * from {{ ref('int_changes__touched_years') }}
),

rescoped as (
    {{ differing(
        ref('int_enrollment__scopes'), source('landed', 'built_scopes'), 'school_id, calendar_id, grade, school_year'
    ) }}
),

-- of a year that is told as it was, the days that only one of the two builds knows
known as (
    select
        school_year,
        has_other_schedule or school_year in (select rescoped.school_year from rescoped) as is_whole,
        coalesce(known_through_on, date '0001-01-01') as known_through_on,
    from touched_years
),

days as (
    select
        cast(slot as integer) as school_year,
        on_date,
    from {{ ref('int_calendar__days') }}
    where on_date <= (select through.through_on from {{ source('landed', 'through') }} as through)
    union
    select
        school_year,
        on_date,
    from {{ source('landed', 'built_days') }}
),

calendar_days as (
    select
        days.school_year,
        days.on_date,
    from days
    inner join known
        on days.school_year = known.school_year and (known.is_whole or days.on_date > known.known_through_on)
)

select * from calendar_days
