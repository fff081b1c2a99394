select
    strategy_id,
    goal_id,
    school_year,
    indicator_id,
    dimension,
    target_numerator,
    target_denominator,
    partly_numerator,
    partly_denominator,
    is_required,
    link_no,
from {{ source('landed', 'declared_strategy_indicators') }}
