{{ config(materialized='view') }}
{%- set ahead = "calendar_days.on_date > (select max(known.on_date) from known_days as known)" %}
with

years as (
    select distinct school_year
    from {{ ref('int_changes__touched_outlooks') }}
    where is_complete
),

known_days as (
    select * from {{ ref('int_calendar__instructional_days') }}
),

{{ days_to_come('years', ahead) }},

-- days of which some school still sends: states are looked for on them alone, not on all days there are
awaited as (
    select distinct on_date
    from {{ ref('int_attendance__submission') }}
    where submission_state = 'not_yet'
),

-- of days that have marks the sums are there; those of days without any, and of days to come, are not
unsummed as (
    select
        school_year,
        on_date,
        stay_no,
        is_owner,
        member_parts,
    from owned
    union all
    select
        school_year,
        on_date,
        stay_no,
        is_owner,
        member_parts,
    from {{ ref('int_attendance__member_days') }}
    where
        day_state = 'not_yet'
        and school_year in (select years.school_year from years)
        and on_date in (select awaited.on_date from awaited)
),

placed as (
    select
        dates.school_year,
        dates.week_no,
        unnest(
            if(
                days.is_owner and stays.district_unit_no is not null,
                [stays.student_unit_no, stays.district_unit_no],
                [stays.student_unit_no]
            )
        ) as student_unit_no,
        days.member_parts,
    from unsummed as days
    inner join {{ ref('int_attendance__stays') }} as stays on days.stay_no = stays.stay_no
    inner join {{ ref('int_calendar__dates') }} as dates
        on days.school_year = dates.school_year and days.on_date = dates.on_date
    union all by name
    select
        school_year,
        week_no,
        student_unit_no,
        member_parts,
    from {{ ref('int_attendance__unit_pieces') }}
    where pair_no = 0 and school_year in (select years.school_year from years)
),

scheduled as (
    select
        school_year,
        week_no,
        student_unit_no,
        cast(sum(member_parts) as bigint) as member_parts,
    from placed
    group by all
)

select * from scheduled
