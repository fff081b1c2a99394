with

calendars as (
    select * from {{ ref('int_attendance__unit_calendars') }}
),

open_days as (
    select distinct
        school_year,
        calendar_id,
        school_id,
        on_date,
    from {{ ref('int_calendar__instructional_days') }}
),

-- each kind of unit by itself: a condition with "or" would hold every calendar's days against every unit
calendar_days as (
    select
        school_year,
        calendar_id,
        'school' as unit_type,
        school_id as unit_id,
        on_date,
    from open_days
    union all
    select distinct
        open_days.school_year,
        open_days.calendar_id,
        'district' as unit_type,
        district.district_id as unit_id,
        open_days.on_date,
    from open_days
    cross join {{ ref('stg_declared__district') }} as district
),

school_days as (
    select
        calendars.school_year,
        calendars.unit_type,
        calendars.unit_id,
        if(calendars.is_one_of_several, calendars.calendar_id, '') as calendar_id,
        days.on_date,
    from calendars
    inner join calendar_days as days
        on
            calendars.school_year = days.school_year
            and calendars.calendar_id = days.calendar_id
            and calendars.unit_type = days.unit_type
            and calendars.unit_id = days.unit_id
    union
    select
        days.school_year,
        unnest(['school', 'district']) as unit_type,
        unnest([days.school_id, district.district_id]) as unit_id,
        '' as calendar_id,
        days.on_date,
    from {{ ref('int_attendance__count_days') }} as days
    cross join {{ ref('stg_declared__district') }} as district
    where days.day_state = 'reported'
),

unit_days as (
    select
        school_days.school_year,
        dates.piece_id,
        school_days.unit_type,
        school_days.unit_id,
        school_days.calendar_id,
        count(*) as n_days,
    from school_days
    inner join {{ ref('int_calendar__dates') }} as dates
        on school_days.school_year = dates.school_year and school_days.on_date = dates.on_date
    group by all
)

select * from unit_days
