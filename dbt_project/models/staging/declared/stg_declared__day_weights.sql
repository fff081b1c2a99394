select
    day_kind,
    weight_numerator,
    weight_denominator,
from {{ source('landed', 'declared_day_weights') }}
