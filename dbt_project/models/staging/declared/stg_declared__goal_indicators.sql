select
    goal_id,
    school_year,
    indicator_id,
    role,
    link_no,
from {{ source('landed', 'declared_goal_indicators') }}
