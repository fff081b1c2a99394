select
    entity,
    source_id,
    slot,
    batch_id,
from {{ source('landed', 'current_slots') }}
