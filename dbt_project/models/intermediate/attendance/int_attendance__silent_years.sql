with

silent_years as (
    select dates.school_year
    from {{ ref('int_calendar__dates') }} as dates
    left join (
        select distinct on_date from {{ ref('int_attendance__sent') }}
    ) as sent on dates.on_date = sent.on_date
    group by dates.school_year
    having count(sent.on_date) = 0
)

select * from silent_years
