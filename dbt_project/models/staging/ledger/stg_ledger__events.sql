select
    events.seq,
    events.at as recorded_at,
    events.as_of,
    events.kind,
    events.subject_id,
    events.payload,
    events.run_id,
from {{ source('landed', 'ledger_events') }} as events
