{{ config(materialized='view') }}
with

touched_no_shows as (
    select distinct school_year from {{ ref('int_changes__touched_days') }}
    where (select district.no_show from {{ ref('stg_declared__district') }} as district) <> 'keep'
)

select * from touched_no_shows
