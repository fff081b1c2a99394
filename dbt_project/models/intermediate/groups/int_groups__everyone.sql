{{ config(materialized='view') }}
with

memberships as (
    select * from {{ ref('int_groups__memberships') }}
),

everyone as (
    select
        student_key,
        school_year,
        group_set_id,
        group_id,
    from memberships
    union all
    select distinct
        student_key,
        school_year,
        'all' as group_set_id,
        'all' as group_id,
    from {{ ref('int_enrollment__spans') }}
)

select * from everyone
