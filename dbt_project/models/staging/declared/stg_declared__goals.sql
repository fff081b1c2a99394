select
    goal_id,
    school_year,
    goal_no,
    statement_en,
    statement_es,
    primary_indicator_id,
    owner_role,
    owner_person,
    owner_label,
    reviews,
    group_focus,
from {{ source('landed', 'declared_goals') }}
