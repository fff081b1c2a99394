{{ config(materialized='view') }}
with

touched_rosters as (
    select school_year from {{ ref('int_changes__touched_years') }}
    where has_other_roster
)

select * from touched_rosters
