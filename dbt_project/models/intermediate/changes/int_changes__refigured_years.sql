{{ config(materialized='view') }}
with

-- years with other definitions, or with a known student in other groups
refigured_years as (
    select years.school_year
    from {{ ref('int_changes__years') }} as years
    left join {{ source('landed', 'built_years') }} as built on years.school_year = built.school_year
    where years.fingerprint is distinct from built.fingerprint
    union
    select regrouped.school_year
    from {{ ref('int_changes__regrouped') }} as regrouped
    where regrouped.is_known
)

select * from refigured_years
