{{ config(materialized='by_part', stale='int_changes__touched_days', parts=['school_year', 'on_date']) }}
-- depends_on: {{ ref('int_changes__touched_days') }}
with

member_days as (
    select * from {{ ref('int_attendance__member_days') }}
)

select * from member_days
