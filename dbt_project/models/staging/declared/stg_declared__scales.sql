select
    instrument_id,
    edition,
    scale_id,
    scale_no,
    label_en,
    label_es,
    score,
    favorable_values,
    estimator,
    min_answered_numerator,
    min_answered_denominator,
from {{ source('landed', 'declared_scales') }}
