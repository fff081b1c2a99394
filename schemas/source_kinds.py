"""Say what a source of one kind declares besides what all sources do."""

from typing import Literal

from pydantic import Field

from schemas._base import Fact, Id, Int, Text

PREVIEWS = (1, 2, 9, 17)
SPAM = (8, 12, 40)


class Qualtrics(Fact):
    """One survey of Qualtrics: which window and instrument it is, and which of its fields says who answers.

    ``respondent`` and ``school`` name fields of the export (``externalDataReference``, or embedded data). ``without``
    names questions that are no items. Statuses of trial answers and of spam are numbers of the export.
    """

    survey: Text = Field(pattern=r"^SV_[A-Za-z0-9]+$")
    window: Id
    instrument: Text
    respondent_class: Literal["student", "staff", "family", "partner"] = "student"
    respondent: Text | None = None
    school: Text | None = None
    without: tuple[Text, ...] = ()
    previews: tuple[Int, ...] = PREVIEWS
    spam: tuple[Int, ...] = SPAM
