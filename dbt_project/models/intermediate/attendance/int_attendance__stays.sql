with

stays as (
    select distinct
        spans.stay_no,
        spans.student_no,
        units.unit_no,
        min(units.unit_no) over student = max(units.unit_no) over student as is_whole,
    from {{ ref('int_enrollment__spans') }} as spans
    inner join {{ ref('int_attendance__units') }} as units
        on units.unit_type = 'school' and spans.school_id = units.unit_id
    window student as (partition by spans.student_no, spans.school_year)
)

select * from stays
