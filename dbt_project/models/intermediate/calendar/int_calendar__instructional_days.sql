{{ config(materialized='by_part', stale='int_changes__calendar_days', parts=['school_year', 'on_date']) }}
{%- set known %}
        calendar_days.on_date <= (select through_on from {{ source('landed', 'through') }})
        and (calendar_days.school_year, calendar_days.on_date) in (
            select (touched.school_year, touched.on_date) from {{ ref('int_changes__calendar_days') }} as touched
        )
{%- endset %}
with

{{ scopes(ref('int_changes__calendar_days')) }},

{{ told_days(known) }}

-- whatever is made of days comes in their order then, and a night that asks for some days finds them side by side
select * from instructional_days
order by on_date
