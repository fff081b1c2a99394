{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

windows as (
    select * from {{ ref('int_survey__windows') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

roster as (
    select
        windows.slot,
        windows.window_id,
        windows.school_year,
        roster.respondent_key,
        roster.respondent_class,
        roster.school_id,
        roster.grade,
        roster.is_opted_out,
        coalesce(roster.left_on < windows.opens_on, false) as is_gone,
    from {{ ref('stg_landed__roster') }} as roster
    inner join windows on roster.slot = windows.slot
    qualify row_number() over (
        partition by windows.slot, roster.respondent_key
        order by roster.frozen_at desc, roster.roster_id desc
    ) = 1
)

select * from roster
