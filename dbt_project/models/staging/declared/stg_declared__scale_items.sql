select
    instrument_id,
    edition,
    scale_id,
    item_id,
    item_no,
    is_reversed,
from {{ source('landed', 'declared_scale_items') }}
