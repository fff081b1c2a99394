{{ config(materialized='view') }}
with

touched_group_days as (
    select school_year from {{ ref('int_changes__touched_rosters') }}
    where exists (
        select 1 as one from {{ ref('stg_declared__groups') }}
        where member_on in ('on_day', 'at_window')
    )
)

select * from touched_group_days
