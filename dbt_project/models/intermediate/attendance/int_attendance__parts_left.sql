{{ config(materialized='view') }}
{%- set ahead = "calendar_days.on_date > (select max(weeks.week_last_on) from newest as weeks)" %}
with

newest as (
    select distinct
        dates.school_year,
        dates.week_last_on,
    from {{ ref('int_attendance__standing') }} as standing
    inner join {{ ref('int_calendar__dates') }} as dates
        on standing.school_year = dates.school_year and standing.week_no = dates.week_no
),

{{ days_to_come('newest', ahead) }},

stays as (
    select * from {{ ref('int_attendance__stays') }}
),

units as (
    select
        owned.student_no,
        stays.unit_no,
        owned.member_parts,
    from owned
    inner join stays on owned.stay_no = stays.stay_no
    union all
    select
        owned.student_no,
        0 as unit_no,
        owned.member_parts,
    from owned
    inner join stays on owned.stay_no = stays.stay_no
    where owned.is_owner and not stays.is_whole
),

parts_left as (
    select
        student_no,
        unit_no,
        cast(sum(member_parts) as bigint) as parts_left,
    from units
    group by student_no, unit_no
)

select * from parts_left
