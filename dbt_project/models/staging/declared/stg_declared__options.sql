select
    instrument_id,
    edition,
    option_set_id,
    option_no,
    option_value,
    label_en,
    label_es,
    aliases_json,
    counts_as,
from {{ source('landed', 'declared_options') }}
