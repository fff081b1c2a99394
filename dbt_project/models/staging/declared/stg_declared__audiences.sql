select
    audience_id,
    audience_no,
    label_en,
    label_es,
    scope,
    languages,
    pages,
from {{ source('landed', 'declared_audiences') }}
