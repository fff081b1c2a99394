"""Say what an ``sdc-instance/1`` file holds: cells, the sums that tie them, and who reads what.

Only the shape of the file belongs here; whether names fit and sums add up is judged in ``aimline/disclosure``.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, model_validator

from schemas._base import Fact, Flag, Int, mistake

FORMAT = "sdc-instance/1"

_Whole = Annotated[Int, Field(ge=0)]


class ThresholdFacts(Fact):
    """Who is small, and how wide an interval and how large a pool must stay."""

    n_min: _Whole = 10
    min_interval_width: _Whole = 10
    min_pool: _Whole = 10
    min_minority_pool: _Whole = 3
    zero_is_sensitive: Flag = False
    hidden_complements_protected: Flag = True


class FormFacts(Fact):
    """How a visible cell is displayed: its count beside a whole percent, or beside a ten-point band."""

    n: _Whole | None = None
    pct: Annotated[Int, Field(ge=0, le=100)] | None = None
    band10: Annotated[tuple[_Whole, ...], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _band_is_one(self) -> "FormFacts":
        if self.band10 is not None and not self.band10[0] < self.band10[1] <= 100:  # noqa: PLR2004 - a whole
            raise mistake(f"band10 {list(self.band10)} is no band from a percent up to a larger one.")
        return self


class CellFacts(Fact):
    """One cell: students, favourable among them, and whether a page prints it."""

    id: str
    n: Int
    x: Int
    release: Literal["public", "hidden"]
    audience: str | None = None
    unit: str | None = None
    unit_id: str | None = None
    grade: str | None = None
    group: str | None = None
    printed: FormFacts | None = None


class RelationFacts(Fact):
    """``total = sum(parts)``, for the students and for the favourable ones."""

    total: str
    parts: Annotated[tuple[str, ...], Field(min_length=1)]


class ViewFacts(Fact):
    """One reader: the audiences whose pages are held (all when absent), and what is known beside the pages."""

    name: str
    sees: tuple[str, ...] | None = None
    knows: tuple[str, ...] = ()


class InstanceFacts(Fact):
    """The whole file."""

    format: Literal["sdc-instance/1"]
    id: str
    title: str = ""
    story: str = ""
    seed: Int | None = None
    thresholds: ThresholdFacts = ThresholdFacts()
    cells: tuple[CellFacts, ...]
    relations: tuple[RelationFacts, ...] = ()
    views: Annotated[tuple[ViewFacts, ...], Field(min_length=1)] = (ViewFacts(name="public"),)


class RungFacts(Fact):
    """How coarsely a school is told."""

    level: Annotated[Int, Field(ge=0, le=5)]
    name: str = ""
    n_merged: _Whole = 0
    note: str = ""


class LargerCellFacts(Fact):
    """A cell that is told instead of others."""

    id: str
    of: Annotated[tuple[str, ...], Field(min_length=1)]
    grade: str | None = None
    group: str | None = None
    is_printed: Flag = True


class CoarsenedFacts(Fact):
    """What is told together, and what is told no more."""

    levels: Mapping[str, RungFacts] = Field(default_factory=dict)
    cells: tuple[LargerCellFacts, ...] = ()
    not_printed: tuple[str, ...] = ()


class PatternFacts(Fact):
    """A list of gaps as a file: ``hidden``, or what ``aimline protect`` prints (its other keys are not read)."""

    model_config = Fact.model_config | {"extra": "ignore"}

    hidden: tuple[str, ...] = ()
    primary: tuple[str, ...] = ()
    secondary: tuple[str, ...] = ()
    coarsened: CoarsenedFacts | None = None
