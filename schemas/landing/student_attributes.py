"""Student attributes: what is told of a student from a day on.

Grain: one row per student, attribute and first day. Source: the student information system. Null: ``valid_to`` while
it holds.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "student_attributes",
    checks={"attribute": pa.Check.str_matches(r"^[a-z][a-z0-9_]{1,47}$")},
    rules=[base.not_before("valid_to", "valid_from")],
)
