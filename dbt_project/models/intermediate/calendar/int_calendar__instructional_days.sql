{{ config(materialized='by_part', stale='int_changes__touched_years', parts=['school_year']) }}
{%- set known = "calendar_days.on_date <= (select through_on from " ~ source('landed', 'through') ~ ")" %}
with

{{ scopes(ref('int_changes__touched_years')) }},

{{ told_days(known) }}

select * from instructional_days
