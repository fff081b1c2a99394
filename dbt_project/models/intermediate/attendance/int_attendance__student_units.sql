with

schools as (
    select distinct
        spans.student_no,
        spans.school_year,
        units.unit_no,
        min(units.unit_no) over student = max(units.unit_no) over student as is_whole,
    from {{ ref('int_enrollment__spans') }} as spans
    inner join {{ ref('int_attendance__units') }} as units
        on units.unit_type = 'school' and spans.school_id = units.unit_id
    window student as (partition by spans.student_no, spans.school_year)
),

-- what one school tells of a student who was in no other is the district's as well, and is not told twice
units as (
    select * from schools
    union all
    select distinct * replace (0 as unit_no) from schools
    where not is_whole
),

students as (
    select
        student_no,
        school_year,
        arg_max(grade, (entered_on, is_primary, -tie_no)) as grade,
    from {{ ref('int_enrollment__spans') }}
    group by student_no, school_year
),

student_units as (
    select
        cast(row_number() over (order by units.school_year, units.student_no, units.unit_no) as integer)
            as student_unit_no,
        units.*,
        students.grade,
        combinations.combination_no,
    from units
    inner join students on units.student_no = students.student_no and units.school_year = students.school_year
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on units.student_no = combinations.student_no and units.school_year = combinations.school_year
)

select * from student_units
