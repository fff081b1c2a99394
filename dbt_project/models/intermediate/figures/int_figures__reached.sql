with

through as (
    select * from {{ source('landed', 'through') }}
),

current_year as (
    select max(dates.school_year) as school_year
    from {{ ref('int_calendar__dates') }} as dates
    inner join through on dates.on_date <= through.through_on
),

open_periods as (
    select max(measured.period_ends_on) as ends_on
    from {{ ref('int_figures__measured') }} as measured
),

reached as (
    select
        current_year.school_year,
        if(open_periods.ends_on > through.through_on, through.through_on, null) as open_through_on,
    from through
    cross join current_year
    cross join open_periods
)

select * from reached
