"""Say what the front matter of a report page may hold."""

from typing import Literal

from pydantic import Field

from schemas._base import Fact, Id, Int, Language, Text

KeyTable = Literal["rpt_units", "rpt_reviews", "rpt_definitions", "rpt_plan", "rpt_cycles"]
"""Tables of declared things. Pages come from them, never from figures: that a page exists must say nothing of data."""


class Param(Fact):
    """Where the keys of a bracket of the page's address come from: one page a key."""

    table: KeyTable
    key: Id
    label: Id
    order_by: Id | None = None


class FrontMatter(Fact):
    """What a page says of itself; unknown keys are mistakes.

    Attributes:
        languages: The languages it is written in; with more than one, every word of it stands in the catalogue.
    """

    title: Text
    languages: tuple[Language, ...] = Field(default=("en",), min_length=1)
    nav: Text | None = None
    order: Int = 100
    audiences: tuple[Id, ...] = ()
    params: dict[Id, Param] = Field(default_factory=dict)
