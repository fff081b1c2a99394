select
    school_id,
    on_date,
    homeroom_id,
    grade,
    is_submitted,
    submitted_at,
    district_id,
    source_id,
    batch_id,
    received_at,
    row_no,
from {{ source('landed', 'attendance_submissions') }}
