{{ config(materialized='by_part', stale='int_changes__touched_years', parts=['school_year']) }}
{%- set known = "calendar_days.on_date <= (select through_on from " ~ source('landed', 'through') ~ ")" %}
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

{{ told_days(known) }}

select * from instructional_days
