with

dates as (
    select * from {{ ref('int_calendar__dates') }}
),

-- a day that may still come is missing some days later, as is a day of the last build that reached less far
reached as (
    select least(
        (
            select max(dates.day_no) from dates
            where dates.on_date <= (
                select max(days.on_date) from {{ ref('int_calendar__instructional_days') }} as days
            )
        ),
        (
            select max(dates.day_no) from dates
            where dates.on_date <= (select max(days.on_date) from {{ source('landed', 'built_days') }} as days)
        )
    ) as day_no,
),

recounted as (
    {{ differing(
        ref('int_attendance__most_rooms'), source('landed', 'built_most_rooms'),
        'school_id, grade, school_year, most_rooms'
    ) }}
),

-- years in which nothing says what was sent are told anew as a whole; one that speaks now has rooms it had not
years as (
    select school_year from recounted
    union
    select school_year from {{ ref('int_attendance__silent_years') }}
),

sent_days as (
    select
        school_year,
        on_date,
    from {{ ref('int_changes__calendar_days') }}
    union
    select
        dates.school_year,
        dates.on_date,
    from dates
    cross join reached
    where
        dates.on_date in (select sent.on_date from {{ ref('int_changes__sent_on') }} as sent)
        or (
            dates.day_no > reached.day_no - {{ var('not_yet_days') }}
            and dates.on_date <= (select through.through_on from {{ source('landed', 'through') }} as through)
        )
        or dates.school_year in (select years.school_year from years)
)

select * from sent_days
