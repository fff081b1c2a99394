select
    student_key,
    attribute,
    value,
    valid_from,
    valid_to,
    district_id,
    source_id,
    batch_id,
    received_at,
    row_no,
from {{ source('landed', 'student_attributes') }}
