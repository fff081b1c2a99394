{{ config(materialized='by_part', stale='int_changes__touched_years', parts=['school_year']) }}
with

scopes as (
    select distinct
        school_id,
        calendar_id,
        grade,
        school_year,
    from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_years') }} as touched)
),

instructional_days as (
    {{ told_days("calendar_days.on_date <= (select through_on from " ~ source('landed', 'through') ~ ")") }}
)

select * from instructional_days
