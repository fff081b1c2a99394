{{ config(materialized='view') }}
with

definitions as (
    select
        windows.window_id,
        windows.school_year,
        definitions.subject_id,
        definitions.definition_edition,
        coalesce(definitions.first_year, 0) as first_year,
        coalesce(definitions.next_year, 9999) as next_year,
    from {{ ref('stg_declared__windows') }} as windows
    inner join {{ ref('stg_declared__subject_definitions') }} as definitions
        on windows.instrument_id = definitions.instrument_id and windows.edition = definitions.edition
)

select * from definitions
