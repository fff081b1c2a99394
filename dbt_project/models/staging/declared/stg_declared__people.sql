select
    person,
    role,
    active_from,
    active_to,
from {{ source('landed', 'declared_people') }}
