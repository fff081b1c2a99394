"""Say what ``instruments/<id>.<edition>.yml`` holds: items, options, scales, what makes a response usable.

An edition is frozen: another text, option or direction is another edition. It names the one it replaces, and the years
in which both are asked (``schemas/editions.py``). Scoring itself is SQL:
``dbt_project/models/intermediate/survey``.
"""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from schemas._base import Exact, Fact, Flag, Grades, Id, Int, Label, Share, Text, mistake, number_keys

Respondent = Literal["student", "staff", "family", "partner"]


def _as_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


OptionValue = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=str | int)]


class Option(Fact):
    """One answer: its value, its words, other spellings, whether it counts as no answer."""

    value: OptionValue
    label: Label
    aliases: tuple[str, ...] = ()
    counts_as: Literal["not_applicable", "not_presented"] | None = None

    @property
    def number(self) -> int | None:
        """Return the value as a number where it is one that counts."""
        return int(self.value) if self.counts_as is None and self.value.lstrip("-").isdigit() else None


class PresentIf(Fact):
    """An item is asked only after certain answers to another."""

    item: Id
    in_: tuple[OptionValue, ...] = Field(alias="in", min_length=1)


class Item(Fact):
    """One question, or one line of a rubric or a walkthrough."""

    item_id: Id
    text: Label
    options: Id | None = None
    column: Text | None = None
    reverse: Flag = False
    multi: Flag = False
    scored: Flag = True
    focus_area: Text | None = None
    present_if: PresentIf | None = None
    protected_topic: Text | None = None


class Favorable(Fact):
    """Which answers are favorable, after reversal: the top few by number of options, or named values."""

    rule: Literal["top", "values"]
    of: Annotated[dict[int, Int], BeforeValidator(number_keys)] = Field(default_factory=dict)
    values: tuple[OptionValue, ...] = ()

    @model_validator(mode="after")
    def _says_which(self) -> "Favorable":
        if (self.rule == "top") != bool(self.of) or (self.rule == "values") != bool(self.values):
            raise mistake(
                "'top' needs 'of', 'values' needs 'values'.", "Write {rule: top, of: {5: 2}} or {rule: values, …}."
            )
        return self


class Scale(Fact):
    """Items scored together."""

    scale_id: Id
    label: Label | None = None
    items: tuple[Id, ...] = Field(min_length=1)
    score: Literal["mean"] = "mean"
    favorable: Favorable
    estimator: Literal["pooled", "item_mean", "person_mean"] = "pooled"
    min_answered: Share = Fraction(1, 2)


class Usable(Fact):
    """Share of the presented scored items a response must answer."""

    min_answered: Share = Fraction(1, 2)
    of: Literal["presented_scored_items"] = "presented_scored_items"


class Duplicates(Fact):
    """Which of several responses of one person counts."""

    policy: Literal["last_complete", "first_complete", "most_complete", "keep_all"] = "last_complete"
    key: tuple[Text, ...] = ("respondent_key",)
    max_per_key: Int = 5


class Speed(Fact):
    """Responses too quick to have been read; those far below the usual time are at most flagged."""

    min_seconds_per_item: Exact = Fraction(1)
    action: Literal["drop", "flag"] = "drop"
    slow_share_of_median: Share = Fraction(3, 10)
    slow_action: Literal["flag"] = "flag"


class StraightLine(Fact):
    """Responses that tick one option throughout, against a reversed item."""

    min_share: Share = Fraction(4, 5)
    min_items: Int = 6
    needs_reversed_item: Flag = True
    action: Literal["drop", "flag"] = "drop"


class Hygiene(Fact):
    """Which responses are set aside; blank and too partial ones always are."""

    duplicates: Duplicates = Duplicates()
    placeholder_keys: tuple[str, ...] = ("@X@*", "test*", "0000*")
    speed: Speed | None = Speed()
    straight_line: StraightLine | None = StraightLine()


class Former(Fact):
    """An item of an earlier edition."""

    edition: Text
    item_id: Id


class Crossing(Fact):
    """How an item goes on from an earlier edition; an item in no line goes on from none."""

    from_: Former = Field(alias="from")
    to: Id
    match: Literal["exact", "reworded", "split", "merged", "none"]


class Comparability(Fact):
    """How far two waves may differ and still be compared."""

    window_days: Int = 21
    overlap: Share = Fraction(7, 10)
    response_gap: Share = Fraction(1, 10)


def _as_parts(value: object) -> object:
    return (value,) if isinstance(value, str) else value


MarginParts = Annotated[
    tuple[Id, ...], BeforeValidator(_as_parts, json_schema_input_type=str | list[str]), Field(min_length=1)
]


class Weights(Fact):
    """What is known of everybody asked, by which answers are weighed: ``school``, ``grade``, group sets, or several."""

    margins: tuple[MarginParts, ...] = Field(min_length=1)


def _both(ends: object) -> object:
    n = len(ends) if isinstance(ends, list | tuple) else _N_ENDS if isinstance(ends, dict) or ends is None else 1
    if n != _N_ENDS:
        found = "one number" if n == 1 else f"{n} numbers"
        raise mistake(f"{found} where the lowest and the highest belong.", "Write both: [0.70, 0.86].")
    return ends


_N_ENDS = 2


def _in_order(ends: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
    if ends[0] > ends[1]:
        raise mistake(f"{float(ends[0]):g} is above {float(ends[1]):g}.", "Write the lowest first: [0.70, 0.86].")
    return ends


_Ends = Annotated[tuple[Share, Share], BeforeValidator(_both), AfterValidator(_in_order)]


class Anchors(Fact):
    """What was published of the instrument's scales, to stand beside ours: lowest and highest.

    Attributes:
        alpha: Their internal consistency.
        icc: The share of what sets answers apart that lies between schools.
    """

    alpha: _Ends | None = None
    icc: _Ends | None = None


class Level(Fact):
    """One level of a rubric or a rating."""

    value: Int
    label: Label


def _none_or_mapping(value: object) -> object:
    return None if value == "none" else value


_HygieneOrNone = BeforeValidator(_none_or_mapping, json_schema_input_type=Literal["none"] | Hygiene)


class InstrumentFile(Fact):
    """One edition of one questionnaire, rubric or walkthrough."""

    version: Literal[1] = 1
    instrument_id: Id
    edition: Text
    replaces: Text | None = None
    overlap_years: tuple[Int, ...] = ()
    kind: Literal["survey", "rubric", "walkthrough"]
    label: Label | None = None
    respondents: tuple[Respondent, ...] = ()
    grades: Grades | None = None
    mode: Literal["identified", "confidential", "anonymous"] = "identified"
    consent: Literal["none", "notice", "opt_out", "active"] = "none"
    license: Literal["district_owned", "open", "text_loaded_by_district"] = "district_owned"
    option_sets: dict[Id, tuple[Option, ...]] = Field(default_factory=dict)
    levels: tuple[Level, ...] = ()
    missing_codes: tuple[str, ...] = ("", "NA", "N/A", "-99")
    items: tuple[Item, ...] = Field(min_length=1)
    scales: tuple[Scale, ...] = ()
    usable: Usable = Usable()
    hygiene: Annotated[Hygiene | None, _HygieneOrNone] = Hygiene()
    crosswalk: tuple[Crossing, ...] = ()
    comparability: Comparability = Comparability()
    weights: Weights | None = None
    anchors: Anchors | None = None

    @property
    def key(self) -> str:
        """Return ``instrument_id@edition``, as windows and sources name it."""
        return f"{self.instrument_id}@{self.edition}"

    @property
    def needs_notice(self) -> bool:
        """Say whether families hear of it before it is asked: by its consent, or for an item on a protected topic."""
        return self.consent != "none" or any(item.protected_topic for item in self.items)
