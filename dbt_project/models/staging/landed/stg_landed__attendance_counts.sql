select
    school_id,
    on_date,
    group_id,
    status,
    n_enrolled,
    n_present,
    attendance_share,
    district_id,
    source_id,
    batch_id,
    received_at,
    row_no,
from {{ source('landed', 'attendance_counts') }}
