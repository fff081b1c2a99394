{{ config(materialized='by_part', stale='int_changes__touched_rosters', parts=['school_year']) }}
with

memberships as (
    select * from {{ ref('int_groups__memberships') }}
),

students as (
    select distinct
        student_no,
        student_key,
        school_year,
    from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_rosters') }} as touched)
),

combinations as (
    select
        students.student_no,
        students.school_year,
        string_agg(memberships.group_set_id || '=' || memberships.group_id, ',' order by memberships.group_set_id)
            as combination,
    from students
    left join memberships
        on students.student_key = memberships.student_key and students.school_year = memberships.school_year
    group by students.student_no, students.school_year
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
