select
    calendar_id,
    on_date,
    school_id,
    grades,
    day_kind,
    is_instructional,
    cycle_day,
    district_id,
    source_id,
    batch_id,
    received_at,
    row_no,
from {{ source('landed', 'calendar_days') }}
