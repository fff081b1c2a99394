"""Responses, long: what one submission says on one item.

Grain: one row per window, submission, item and option; a question with several choices has a row a choice, and these
are answers, not duplicates. Source: a survey platform. Null: ``respondent_key`` of an anonymous survey;
``submitted_at`` of one that was not finished.
"""

import pandera.pandas as pa

from schemas.landing import base

CONTRACT = base.contract(
    "responses",
    checks={
        "respondent_class": pa.Check.isin(base.RESPONDENT_CLASSES),
        "grade": pa.Check.isin(base.GRADES),
        "duration_seconds": base.COUNTED,
        "answer_state": pa.Check.isin(("answered", "skipped", "not_presented", "not_applicable")),
    },
)
