{{ config(materialized='view') }}
with

-- groups are told anew in these years alone; in the others they are what the last build had seen
touched as (
    select * from {{ ref('int_changes__touched_rosters') }}
),

told as (
    select * from {{ ref('int_groups__student_combinations') }}
    where school_year in (select touched.school_year from touched)
),

built as (
    select * from {{ source('landed', 'built_combinations') }}
    where school_year in (select touched.school_year from touched)
),

regrouped as (
    select
        student_no,
        school_year,
        told.combination_no is not null and built.combination_no is not null as is_known,
    from told
    full join built using (student_no, school_year)
    where told.combination_no is distinct from built.combination_no
)

select * from regrouped
