"""Say what a disclosure policy holds: ``disclosure:`` of ``audiences.yml``, and who its readers are.

Presets change thresholds and display, never the proof. What follows from a policy is decided in
``aimline/disclosure``; only its shape, its presets and what counts as weaker than they are belong here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from schemas._base import Day, Fact, Flag, Grades, Id, Int, Share, Text, mistake

_Whole = Annotated[Int, Field(ge=0)]
_Percent = Annotated[Int, Field(ge=0, le=100)]
Preset = Literal["default", "nces", "delaware", "nysed", "utah_like", "core20", "survey5", "learning_bar", "perts"]


@dataclass(frozen=True)
class Settings:
    """What a preset sets beside widths and pools, which are as large as its smallest group.

    Attributes:
        n_min: A group below the number is small.
        has_next_smallest: Where a total has exactly one gap, the smallest other part is hidden too.
        has_all_in_one_level: A group in which everybody answered alike is hidden.
        caps: From how many people on which least and largest percent are told.
        counts: Beside which figures a band of people stands: all, totals (no groups), none.
    """

    n_min: int
    has_next_smallest: bool = False
    has_all_in_one_level: bool = False
    caps: tuple[tuple[int, int, int], ...] = ((0, 20, 80), (20, 10, 90), (40, 5, 95), (100, 2, 98), (300, 1, 99))
    counts: Literal["all", "totals", "none"] = "all"


PRESETS: Mapping[str, Settings] = {
    "default": Settings(10),
    "nces": Settings(10, counts="totals"),
    "delaware": Settings(16, caps=((0, 5, 95),)),
    "nysed": Settings(5, has_next_smallest=True, has_all_in_one_level=True),
    "utah_like": Settings(11, counts="none"),
    "core20": Settings(20),
    "survey5": Settings(5),
    "learning_bar": Settings(5),
    "perts": Settings(5),
}
"""Presets of small groups by name (disclosure.md 11)."""

_NOT_OF_CELLS = ("caps", "count_bands", "partitions", "on_small_change", "memory_years")
"""Keys about pages, releases and districts; a plain file of cells has none."""


class Link(Fact):
    """What a total over schools must still hide when any one school is known."""

    min_schools: _Whole = 3
    min_pool: _Whole = 20
    min_minority_pool: _Whole = 5


class Cap(Fact):
    """From how many people on shares near nothing and near all are told as ``<low%`` and ``>high%``."""

    from_: _Whole = Field(alias="from")
    low: _Percent
    high: _Percent


class Partition(Fact):
    """Groups that split a total, and which of them stand on a page."""

    printed: Literal["all"] | tuple[Text, ...] = "all"


class Coarsen(Fact):
    """How small groups are told in fewer, larger ones: of a school in a file of cells, of a year in a district."""

    max_small_share: Share = Fraction(3, 10)
    grade_bands: Mapping[Text, Annotated[Grades, Field(min_length=1)]] = Field(default_factory=dict)
    merge_groups: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _each_stands_once(self) -> "Coarsen":
        placed: dict[str, str] = {}
        for band, grades in self.grade_bands.items():
            for grade in grades:
                if grade in placed:
                    raise mistake(f"grade {grade} is in bands '{placed[grade]}' and '{band}'.", "Put it in one band.")
                placed[grade] = band
        if len(set(self.merge_groups)) < len(self.merge_groups):
            raise mistake("merge_groups name a group twice.", "Write each group once.")
        if len(self.merge_groups) == 1:
            raise mistake(
                f"merge_groups name '{self.merge_groups[0]}' alone.", "Name two or more; they are told together."
            )
        return self


class Disclosure(Fact):
    """How small groups are hidden, and who confirmed it for the district."""

    preset: Preset = "default"
    n_min: Int | None = Field(default=None, ge=2)
    min_interval_width: _Whole | None = None
    min_pool: _Whole | None = None
    min_minority_pool: _Whole = 3
    zero_is_sensitive: Flag = False
    counts_known: Flag = False
    result_width_when_n_known: Int = Field(default=2, ge=1)
    coalition: Int = Field(default=1, ge=1, le=2)
    insider: Literal["own_unit", "none"] = "own_unit"
    link: Link = Link()
    caps: tuple[Cap, ...] | None = None
    count_bands: tuple[_Whole, ...] = (10, 20, 40, 100, 300)
    partitions: Mapping[Id, Partition] = Field(default_factory=dict)
    coarsen: Coarsen | None = None
    on_small_change: Literal["hold", "suppress"] = "hold"
    memory_years: Int = Field(default=5, ge=0)
    because: Text | None = None
    confirmed_by: Text | None = None
    confirmed_on: Day | None = None

    @model_validator(mode="after")
    def _weaker_needs_a_reason(self) -> "Disclosure":
        for name, value, least in self._weaker():
            if not self.because:
                raise mistake(
                    f"{name} {value} is weaker than preset '{self.preset}' ({least}).",
                    "Add because:, or use the preset's number.",
                )
        return self

    @model_validator(mode="after")
    def _bands_rise(self) -> "Disclosure":
        if list(self.count_bands) != sorted(set(self.count_bands)):
            raise mistake("count_bands do not rise.", "Write each band once, the smallest first.")
        starts = [cap.from_ for cap in self.caps or ()]
        if starts != sorted(set(starts)):
            raise mistake("caps do not rise.", "Write each number of people once, the smallest first.")
        if any(cap.low >= cap.high for cap in self.caps or ()):
            raise mistake("a cap's low is not below its high.", "Write the smaller percent as low.")
        return self

    def _weaker(self) -> Iterator[tuple[str, Any, Any]]:
        """Yield what is weaker than the preset: the key, its value, the preset's."""
        least = PRESETS[self.preset].n_min
        asked: list[tuple[str, int | None, int]] = [
            ("n_min", self.n_min, least),
            ("min_interval_width", self.min_interval_width, least),
            ("min_pool", self.min_pool, least),
            ("min_minority_pool", self.min_minority_pool, 3),
            ("memory_years", self.memory_years, 5),
            ("link.min_schools", self.link.min_schools, 3),
            ("link.min_pool", self.link.min_pool, 20),
            ("link.min_minority_pool", self.link.min_minority_pool, 5),
        ]
        yield from ((name, value, each) for name, value, each in asked if value is not None and value < each)
        if self.insider == "none":
            yield "insider", "none", "own_unit"

    @property
    def without_effect_on_cells(self) -> tuple[str, ...]:
        """Return the keys that are given and change nothing where a file of cells is protected."""
        return tuple(name for name in _NOT_OF_CELLS if name in self.model_fields_set)

    @property
    def size_caps(self) -> tuple[tuple[int, int, int], ...]:
        """Return from how many people on which least and largest percent are told; the first holds from nobody on."""
        if self.caps is None:
            return PRESETS[self.preset].caps
        told = [(cap.from_, cap.low, cap.high) for cap in self.caps]
        return tuple((from_ if place else 0, low, high) for place, (from_, low, high) in enumerate(told))

    @property
    def bands(self) -> tuple[int, ...]:
        """Return with how many people each band begins, the smallest group that is shown first."""
        least = self.smallest_group
        return (least, *(band for band in self.count_bands if band > least))

    @property
    def smallest_group(self) -> int:
        """Return the number below which a group is small."""
        return self.n_min if self.n_min is not None else PRESETS[self.preset].n_min

    @property
    def width(self) -> int:
        """Return how wide the interval of a count must stay."""
        return self.smallest_group if self.min_interval_width is None else self.min_interval_width

    @property
    def pool(self) -> int:
        """Return how many people a sum of gaps that can be computed must hold."""
        return self.smallest_group if self.min_pool is None else self.min_pool


class Readership(Fact):
    """How an audience is told figures: whose pages it holds too, what it knows beside them, how exact they are."""

    audience_id: Id
    includes: tuple[Id, ...] = ()
    share: Literal["whole_percent", "words", "exact"] | None = None
    count: Literal["band", "own_exact", "exact_by_level", "exact"] | None = None
    knows: Literal["own_unit"] | None = None
    protected: Flag = True

    @property
    def shares(self) -> str:
        """Return how shares are told: families in words, others in whole percents unless declared."""
        return self.share or ("words" if self.audience_id == "family" else "whole_percent")

    @property
    def counts(self) -> str:
        """Return how people are counted: by what is declared, or by who reads (disclosure.md 10)."""
        if self.count:
            return self.count
        if self.audience_id in {"public", "family", "cluster_lead"}:
            return "band"
        return "own_exact" if getattr(self, "scope", "district") == "school" else "exact_by_level"


class Reader(Readership):
    """Who reads what, as far as protection asks.

    The other keys of an audience (label, pages, channels) say nothing here and are not read.
    """

    model_config = Fact.model_config | {"extra": "ignore"}

    scope: Literal["district", "cluster", "school"] = "district"


class PolicyFacts(Fact):
    """A policy as a file of its own: the block, and the readers it names; other blocks of ``audiences.yml`` pass."""

    model_config = Fact.model_config | {"extra": "ignore"}

    disclosure: Disclosure = Disclosure()
    audiences: tuple[Reader, ...] = ()

    @model_validator(mode="after")
    def _included_readers_are_named(self) -> "PolicyFacts":
        refuse_wrong_includes(self.audiences)
        return self

    def held_by(self, audience_id: str) -> frozenset[str]:
        """Return the audiences whose pages a reader of one holds: its own, and those it includes."""
        return held_by(self.audiences, audience_id)


def refuse_wrong_includes(audiences: Sequence[Readership]) -> None:
    """Refuse audiences that include what nobody declared, or themselves."""
    names = [reader.audience_id for reader in audiences]
    for reader in audiences:
        for name in reader.includes:
            if name not in names:
                raise mistake(f"audience '{reader.audience_id}' includes '{name}', which is not declared.")
            if reader.audience_id in held_by(audiences, name):
                raise mistake(f"audience '{reader.audience_id}' includes itself by way of '{name}'.")


def held_by(audiences: Sequence[Readership], audience_id: str) -> frozenset[str]:
    """Return the audiences whose pages a reader of one holds: its own, and those it includes."""
    included = {reader.audience_id: reader.includes for reader in audiences}
    held: set[str] = set()
    waiting = [audience_id]
    while waiting:
        name = waiting.pop()
        if name not in held:
            held.add(name)
            waiting += included.get(name, ())
    return frozenset(held)
