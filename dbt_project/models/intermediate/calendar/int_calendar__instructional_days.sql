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

-- whatever is made of days comes in their order then: a night that asks for some days finds them side by side, and
-- whoever adds up a year has a school's days of a week together
select * from instructional_days
order by date_trunc('week', on_date), school_id, grade, on_date
