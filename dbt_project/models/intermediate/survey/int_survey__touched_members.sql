{{ config(materialized='view') }}
with

touched_members as (
    select slot from {{ ref('int_survey__touched_slots') }}
    union
    select slot from {{ ref('int_survey__windows') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_rosters') }} as touched)
)

select * from touched_members
