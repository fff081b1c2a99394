{{ config(materialized='by_part', stale='int_changes__sent_days', parts=['school_year', 'on_date']) }}
with

touched as (
    select * from {{ ref('int_changes__sent_days') }}
),

sent as (
    select * from {{ ref('int_attendance__sent') }}
    where on_date in (select touched.on_date from touched)
),

most_rooms as (
    select * from {{ ref('int_attendance__most_rooms') }}
),

days as (
    select distinct
        school_id,
        grade,
        on_date,
        school_year,
    from {{ ref('int_calendar__instructional_days') }}
    where (school_year, on_date) in (select (touched.school_year, touched.on_date) from touched)
),

newest as (
    select max(day_no) as day_no from {{ ref('int_calendar__dates') }}
    where on_date <= (select max(known.on_date) from {{ ref('int_calendar__instructional_days') }} as known)
),

numbered as (
    select
        days.school_id,
        days.grade,
        days.on_date,
        days.school_year,
        newest.day_no - dates.day_no as n_days_since,
        coalesce(own.n_rooms, 0) + coalesce(whole.n_rooms, 0) as n_rooms,
        coalesce(own.n_sent, 0) + coalesce(whole.n_sent, 0) as n_sent,
    from days
    cross join newest
    inner join {{ ref('int_calendar__dates') }} as dates on days.on_date = dates.on_date
    left join sent as own on days.school_id = own.school_id and days.on_date = own.on_date and days.grade = own.grade
    -- a school that sends for all grades at once names none
    left join sent as whole on days.school_id = whole.school_id and days.on_date = whole.on_date and whole.grade is null
),

-- all days that may still come are touched, so the last sent one among them is here, where there is any
compared as (
    select
        *,
        max(case when n_sent > 0 then on_date end) over (partition by school_id, school_year) as last_sent_on,
    from numbered
),

submission as (
    select
        compared.school_id,
        compared.grade,
        compared.on_date,
        case
            when compared.n_rooms > 0 and compared.n_sent = compared.n_rooms then 'submitted'
            when inferred.inferred_state in ('submitted', 'not_submitted') then inferred.inferred_state
            when
                compared.on_date > coalesce(compared.last_sent_on, date '0001-01-01')
                and compared.n_days_since < {{ var('not_yet_days') }} then 'not_yet'
            else 'not_submitted'
        end as submission_state,
        compared.school_year,
        cast(
            case
                when compared.n_rooms > 0 then compared.n_rooms
                else greatest(own.most_rooms, whole.most_rooms, 1)
            end as bigint
        ) as n_expected,
        cast(if(inferred.inferred_state = 'submitted', 1, compared.n_sent) as bigint) as n_sent,
    from compared
    left join most_rooms as own
        on
            compared.school_id = own.school_id and compared.grade = own.grade
            and compared.school_year = own.school_year
    left join most_rooms as whole
        on compared.school_id = whole.school_id and compared.school_year = whole.school_year and whole.grade is null
    left join {{ ref('int_attendance__inferred_submission') }} as inferred
        on
            compared.school_id = inferred.school_id
            and compared.grade = inferred.grade
            and compared.on_date = inferred.on_date
)

-- in the order of the school days
select * from submission
order by date_trunc('week', on_date), school_id, grade, on_date
