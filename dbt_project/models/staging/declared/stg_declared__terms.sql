select
    school_year,
    term_kind,
    term_no,
    ends_on,
from {{ source('landed', 'declared_terms') }}
