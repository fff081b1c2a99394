"""Say what a source of one kind declares besides what all sources do."""

from typing import Literal

from pydantic import Field, model_validator

from schemas._base import Fact, Id, Int, Text, mistake

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


class Redcap(Fact):
    """One form of a REDCap project: which window and instrument it is, and which of its fields says who answers.

    Of a longitudinal project one ``event`` may be meant; ``without`` names fields of the form that are no items.
    """

    form: Text
    window: Id
    instrument: Text
    event: Text | None = None
    respondent_class: Literal["student", "staff", "family", "partner"] = "student"
    respondent: Text | None = None
    school: Text | None = None
    without: tuple[Text, ...] = ()


class Paging(Fact):
    """How an interface turns pages: by their number, by an offset, by a cursor in the answer, or by a link.

    ``next`` is where the answer names the next page (names joined by points); a link may stand in the header instead.
    """

    kind: Literal["page", "offset", "cursor", "link"]
    param: Text = "page"
    first: Int = Field(default=1, ge=0)
    size_param: Text | None = None
    size: Int = Field(default=100, ge=1, le=10_000)
    next: str = ""

    @model_validator(mode="after")
    def _finds_the_next(self) -> "Paging":
        if self.kind == "cursor" and not self.next:
            raise mistake("'next' is missing.", "Name where the answer holds the next cursor, such as meta.next.")
        return self


class HttpJson(Fact):
    """A JSON interface below ``transport.url``: its path, how one logs in, where the records stand, how pages turn.

    The secret is a token (bearer), ``name:password`` (basic), or the value of ``header``.
    """

    path: str = ""
    method: Literal["GET", "POST"] = "GET"
    auth: Literal["none", "bearer", "basic", "header"] = "bearer"
    header: Text = "X-API-Key"
    params: dict[str, str] = Field(default_factory=dict)
    records: str = ""
    paging: Paging | None = None
