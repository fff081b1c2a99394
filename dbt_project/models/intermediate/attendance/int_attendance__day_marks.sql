{{ config(materialized='view', once=true, stale='int_changes__touched_days') }}
with

{{ marks_of(ref('int_changes__touched_days')) }}

select * from day_marks
