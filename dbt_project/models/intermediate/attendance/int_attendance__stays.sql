with

spans as (
    select distinct
        spans.stay_no,
        spans.student_no,
        spans.school_year,
        units.unit_no,
    from {{ ref('int_enrollment__spans') }} as spans
    inner join {{ ref('int_attendance__units') }} as units
        on units.unit_type = 'school' and spans.school_id = units.unit_id
),

student_units as (
    select * from {{ ref('int_attendance__student_units') }}
),

stays as (
    select
        spans.stay_no,
        spans.student_no,
        spans.unit_no,
        schools.is_whole,
        schools.student_unit_no,
        districts.student_unit_no as district_unit_no,
    from spans
    inner join student_units as schools
        on
            spans.student_no = schools.student_no
            and spans.school_year = schools.school_year
            and spans.unit_no = schools.unit_no
    left join student_units as districts
        on
            spans.student_no = districts.student_no
            and spans.school_year = districts.school_year
            and districts.unit_no = 0
)

select * from stays
