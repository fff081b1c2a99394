select
    instrument_id,
    edition,
    item_id,
    earlier_edition,
    earlier_item_id,
    match,
from {{ source('landed', 'declared_crosswalk') }}
