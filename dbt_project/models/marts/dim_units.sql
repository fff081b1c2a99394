with

district as (
    select * from {{ ref('stg_declared__district') }}
),

schools as (
    select
        school_id,
        arg_max(name, valid_from) as name,
        arg_max(level, valid_from) as level,
        arg_max(n_enrolled, valid_from) as n_listed,
    from {{ ref('stg_landed__schools') }}
    group by school_id
),

-- a school with figures that the list of schools lacks, such as one that has closed, is named by its id
unlisted as (
    select distinct school_id
    from {{ ref('stg_landed__attendance_counts') }}
    anti join schools using (school_id)
),

-- those whose membership reaches the end of the newest year
enrolled as (
    select
        school_id,
        count(distinct student_key) as n_students,
    from {{ ref('int_enrollment__spans') }}
    where last_on = (select max(spans.last_on) from {{ ref('int_enrollment__spans') }} as spans)
    group by school_id
),

units as (
    select
        'school' as unit_type,
        schools.school_id as unit_id,
        schools.name as unit_label,
        schools.level,
        cast(coalesce(enrolled.n_students, schools.n_listed) as bigint) as n_enrolled,
    from schools
    left join enrolled on schools.school_id = enrolled.school_id
    union all by name
    select
        'school' as unit_type,
        unlisted.school_id as unit_id,
        unlisted.school_id as unit_label,
    from unlisted
),

dim_units as (
    select * from units
    union all
    select
        'district' as unit_type,
        district.district_id as unit_id,
        district.label_en as unit_label,
        'district' as level,
        (select cast(sum(units.n_enrolled) as bigint) from units) as n_enrolled,
    from district
)

select * from dim_units
