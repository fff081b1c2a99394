select
    source_id,
    source_no,
    entity,
    kind,
    label_en,
    owner_role,
    owner_person,
    owner_label,
    is_about_people,
    load_mode,
from {{ source('landed', 'declared_sources') }}
