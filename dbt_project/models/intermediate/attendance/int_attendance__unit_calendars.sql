with

enrolled as (
    select
        school_year,
        calendar_id,
        unnest(['school', 'district']) as unit_type,
        unnest([school_id, (select district.district_id from {{ ref('stg_declared__district') }} as district)])
            as unit_id,
        student_no,
    from {{ ref('int_enrollment__spans') }}
),

-- the calendar of most members tells how many school days a unit has
calendars as (
    select
        school_year,
        unit_type,
        unit_id,
        calendar_id,
        count(*) over (partition by school_year, unit_type, unit_id) > 1 as is_one_of_several,
    from enrolled
    group by school_year, unit_type, unit_id, calendar_id
    qualify
        row_number() over (
            partition by school_year, unit_type, unit_id order by count(distinct student_no) desc, calendar_id
        ) = 1
)

select * from calendars
