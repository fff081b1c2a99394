select
    school_id,
    room_key,
    valid_from,
    is_eligible,
    district_id,
    source_id,
    batch_id,
    received_at,
    row_no,
    slot,
from {{ source('landed', 'rooms') }}
