select
    audience_id,
    audience_no,
    label_en,
    label_es,
    scope,
    languages,
    pages,
    includes,
    share,
    count,
    knows,
    is_told_figures,
from {{ source('landed', 'declared_audiences') }}
