select
    seq,
    "at" as recorded_at,
    as_of,
    kind,
    subject_id,
    payload,
    run_id,
from {{ source('landed', 'ledger_events') }}
