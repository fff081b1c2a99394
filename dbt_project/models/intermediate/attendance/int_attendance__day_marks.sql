{{ config(materialized='view') }}
with

{{ marks_of(ref('int_changes__touched_days')) }}

select * from day_marks
