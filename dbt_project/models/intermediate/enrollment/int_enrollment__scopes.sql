{{ config(materialized='by_part', stale='int_changes__touched_rosters', parts=['school_year']) }}
with

scopes as (
    select distinct
        school_id,
        calendar_id,
        grade,
        school_year,
    from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_rosters') }} as touched)
)

select * from scopes
