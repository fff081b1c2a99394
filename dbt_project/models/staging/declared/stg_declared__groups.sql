select
    group_set_id,
    set_label_en,
    set_label_es,
    attribute,
    value,
    group_id,
    label_en,
    label_es,
    group_no,
    member_on,
    reference,
    unmapped,
from {{ source('landed', 'declared_groups') }}
