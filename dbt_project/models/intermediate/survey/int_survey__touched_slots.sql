{{ config(materialized='view') }}
with

slots as (
    select * from {{ ref('int_survey__slots') }}
),

touched_slots as (
    select slot
    from slots
    full join {{ source('landed', 'built_survey_slots') }} as built using (slot)
    where slots.fingerprint is distinct from built.fingerprint
)

select * from touched_slots
