{{ config(materialized='view') }}
with

-- years with other definitions, or with a known student in other groups
refigured_years as (
    select years.school_year
    from {{ ref('int_changes__years') }} as years
    left join {{ source('landed', 'built_years') }} as built on years.school_year = built.school_year
    where years.fingerprint is distinct from built.fingerprint
    union
    select groups.school_year
    from {{ ref('int_groups__student_combinations') }} as groups
    inner join {{ source('landed', 'built_combinations') }} as built
        on groups.student_no = built.student_no and groups.school_year = built.school_year
    where groups.combination_no <> built.combination_no
)

select * from refigured_years
