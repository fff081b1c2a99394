{{ config(materialized='view') }}
with

slots as (
    select * from {{ ref('int_survey__slots') }}
),

touched_slots as (
    select slots.slot
    from slots
    left join {{ source('landed', 'built_survey_slots') }} as built on slots.slot = built.slot
    where slots.fingerprint is distinct from built.fingerprint
)

select * from touched_slots
