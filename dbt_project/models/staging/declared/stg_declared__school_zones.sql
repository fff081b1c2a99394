select
    school_id,
    time_zone,
from {{ source('landed', 'declared_school_zones') }}
