with

memberships as (
    select * from {{ ref('int_groups__memberships') }}
),

combinations as (
    select
        spans.student_no,
        spans.school_year,
        string_agg(memberships.group_set_id || '=' || memberships.group_id, ',' order by memberships.group_set_id)
            as combination,
    from (select distinct student_no, student_key, school_year from {{ ref('int_enrollment__spans') }}) as spans
    left join memberships
        on spans.student_key = memberships.student_key and spans.school_year = memberships.school_year
    group by spans.student_no, spans.school_year
),

student_combinations as (
    select
        student_no,
        school_year,
        md5_number_lower(coalesce(combination, '')) as combination_no,
        coalesce(combination, '') as combination,
    from combinations
)

select * from student_combinations
