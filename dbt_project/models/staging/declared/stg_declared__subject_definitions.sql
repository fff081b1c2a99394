select
    instrument_id,
    edition,
    subject_id,
    definition_edition,
    first_year,
    next_year,
from {{ source('landed', 'declared_subject_definitions') }}
