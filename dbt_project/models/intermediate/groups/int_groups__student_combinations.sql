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
        {{ written_groups('memberships.group_set_id', 'memberships.group_id') }} as combination,
    from students
    left join memberships
        on students.student_key = memberships.student_key and students.school_year = memberships.school_year
    group by students.student_no, students.school_year
),

-- groups of a day: when a student came to them is part of the number, so that a build notices when it changes
histories as (
    select
        md5_number_lower(student_key) as student_no,
        school_year,
        string_agg(
            concat_ws(' ', '|', group_set_id, group_id, from_on, to_on), '' order by group_set_id, from_on, group_id
        ) as history,
    from {{ ref('int_groups__spans') }}
    group by student_key, school_year
),

student_combinations as (
    select
        combinations.student_no,
        combinations.school_year,
        md5_number_lower(coalesce(combinations.combination, '') || coalesce(histories.history, ''))
            as combination_no,
        coalesce(combinations.combination, '') as combination,
    from combinations
    left join histories
        on combinations.student_no = histories.student_no and combinations.school_year = histories.school_year
)

select * from student_combinations
