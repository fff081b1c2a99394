with

sent as (
    select * from {{ ref('int_attendance__sent') }}
),

days as (
    select distinct
        school_id,
        grade,
        on_date,
        school_year,
    from {{ ref('int_calendar__instructional_days') }}
),

numbered as (
    select
        days.school_id,
        days.grade,
        days.on_date,
        days.school_year,
        max(dates.day_no) over () - dates.day_no as n_days_since,
        coalesce(own.n_rooms, 0) + coalesce(whole.n_rooms, 0) as n_rooms,
        coalesce(own.n_sent, 0) + coalesce(whole.n_sent, 0) as n_sent,
    from days
    inner join {{ ref('int_calendar__dates') }} as dates on days.on_date = dates.on_date
    left join sent as own on days.school_id = own.school_id and days.on_date = own.on_date and days.grade = own.grade
    -- a school that sends for all grades at once names none
    left join sent as whole on days.school_id = whole.school_id and days.on_date = whole.on_date and whole.grade is null
),

compared as (
    select
        *,
        max(case when n_sent > 0 then on_date end) over (partition by school_id, school_year) as last_sent_on,
        max(n_rooms) over (partition by school_id, grade, school_year) as most_rooms,
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
            case when compared.n_rooms > 0 then compared.n_rooms else greatest(compared.most_rooms, 1) end as bigint
        ) as n_expected,
        cast(if(inferred.inferred_state = 'submitted', 1, compared.n_sent) as bigint) as n_sent,
    from compared
    left join {{ ref('int_attendance__inferred_submission') }} as inferred
        on
            compared.school_id = inferred.school_id
            and compared.grade = inferred.grade
            and compared.on_date = inferred.on_date
)

select * from submission
