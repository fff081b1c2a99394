"""Compare two waves: the same people twice, or everybody who answered each time; and say how far they may be compared.

The two ways of comparing are never mixed in one series.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import fsum, sqrt

from scipy.special import stdtrit

from aimline.scoring.scales import mean_of

_UPPER = 0.975
_LEAST = 2
_BROKEN_FOR_C = 2


@dataclass(frozen=True)
class Change:
    """A change of a mean between two waves with its 95 % interval.

    Attributes:
        n_before: People in it of the first wave.
        n_after: Of the second.
        mean_before: Their mean.
        mean_after: Theirs of the second wave.
        change: By how much it rose.
        sd: Standard deviation of the differences of the same people; None where other people answered.
        low: Lower end.
        high: Upper end.
        g: The change in standard deviations (Hedges).
    """

    n_before: int
    n_after: int
    mean_before: float | None = None
    mean_after: float | None = None
    change: float | None = None
    sd: float | None = None
    low: float | None = None
    high: float | None = None
    g: float | None = None


@dataclass(frozen=True)
class Side:
    """Scores of one wave: how many people, their mean and variance."""

    n: int
    mean: float
    variance: float

    @property
    def error(self) -> float:
        """Return the variance of the mean."""
        return self.variance / self.n


def side(scores: Sequence[float]) -> Side:
    """Return what is compared of some scores."""
    found = mean_of(sorted(scores))
    return Side(found.n, found.mean or 0.0, (found.sd or 0.0) ** 2)


def hedges_g(before: Sequence[float], after: Sequence[float]) -> float | None:
    """Return a difference of means in pooled standard deviations, corrected for few people."""
    return _g(side(before), side(after))


def _g(one: Side, two: Side) -> float | None:
    df = one.n + two.n - 2
    spread = fsum(((one.n - 1) * one.variance, (two.n - 1) * two.variance))
    if df < 1 or spread <= 0:
        return None
    return small_sample(df) * (two.mean - one.mean) / sqrt(spread / df)


def small_sample(df: int) -> float:
    """Return the factor that corrects a standardized difference for few people."""
    return 1 - 3 / (4 * df - 1)


def cross_section(before: Sequence[float], after: Sequence[float]) -> Change:
    """Compare everybody who answered each time (Welch)."""
    return cross_section_of(side(before), side(after))


def cross_section_of(one: Side, two: Side) -> Change:
    """Compare two waves by what is known of each (Welch)."""
    if min(one.n, two.n) < 1:
        return Change(one.n, two.n)
    d, g = two.mean - one.mean, _g(one, two)
    error = one.error + two.error
    if min(one.n, two.n) < _LEAST or error <= 0:
        return Change(one.n, two.n, one.mean, two.mean, d, g=g)
    df = error**2 / (one.error**2 / (one.n - 1) + two.error**2 / (two.n - 1))
    half = float(stdtrit(df, _UPPER)) * sqrt(error)
    return Change(one.n, two.n, one.mean, two.mean, d, None, d - half, d + half, g)


def matched(before: Mapping[str, float], after: Mapping[str, float]) -> Change:
    """Compare the people who answered both times; keys are theirs alone."""
    both = sorted(before.keys() & after.keys())
    if not both:
        return Change(0, 0)
    one, two = [before[key] for key in both], [after[key] for key in both]
    apart = side([b - a for a, b in zip(one, two, strict=True)])
    return matched_of(side(one), side(two), apart.variance)


def matched_of(one: Side, two: Side, variance: float) -> Change:
    """Compare the same people twice by what is known of each wave, and the variance of their differences."""
    d, sd = two.mean - one.mean, sqrt(variance)
    if one.n < _LEAST:
        return Change(one.n, two.n, one.mean, two.mean, d)
    half = float(stdtrit(one.n - 1, _UPPER)) * sd / sqrt(one.n)
    return Change(one.n, two.n, one.mean, two.mean, d, sd, d - half, d + half, _g(one, two))


@dataclass(frozen=True)
class Compared:
    """What is known of two waves; None where nobody can tell.

    Attributes:
        n_exact: Items of a scale that went on unchanged.
        n_items: Items of the scale in either wave.
        is_same_mode: Whether people were asked under the same promise.
        is_same_grades: Whether the same grades were asked.
        is_same_population: Whether the same kind of people was asked.
        is_same_options: Whether the items have as many options.
        days_apart: By how many days the windows miss the same date of the year.
        overlap: Which part of the later list stood on the earlier one.
        response_gap: By how much the response rates differ.
    """

    n_exact: int
    n_items: int
    is_same_mode: bool | None = None
    is_same_grades: bool | None = None
    is_same_population: bool | None = None
    is_same_options: bool | None = None
    days_apart: int | None = None
    overlap: Fraction | None = None
    response_gap: Fraction | None = None


@dataclass(frozen=True)
class Limits:
    """How far two waves may differ and still be compared."""

    window_days: int = 21
    overlap: Fraction = Fraction(7, 10)
    response_gap: Fraction = Fraction(1, 10)


@dataclass(frozen=True)
class Grade:
    """How comparable two waves are: A to D, which conditions are broken, and which nobody could judge."""

    letter: str
    broken: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    refused: str = ""

    @property
    def told(self) -> dict[str, str]:
        """Return the columns that a row of a change has of its grade; what does not apply is empty."""
        lists = {"broken": self.broken, "not_known": self.unknown}
        return {"grade": self.letter, **{name: "|".join(each) for name, each in lists.items()}, "refused": self.refused}


def grade(told: Compared, limits: Limits, *, anonymous_match: bool = False) -> Grade:
    """Grade two waves: A without a broken condition, B with one, C with more, D where a comparison is refused.

    Args:
        told: What is known of them.
        limits: The instrument's.
        anonymous_match: Whether the same people are asked for where nobody knows who answered.
    """
    if refused := _refused(told, anonymous_match=anonymous_match):
        return Grade("D", refused=refused)
    holds = {
        "items": told.n_exact == told.n_items,
        "mode": told.is_same_mode,
        "grades": told.is_same_grades,
        "window": None if told.days_apart is None else told.days_apart <= limits.window_days,
        "overlap": None if told.overlap is None else told.overlap >= limits.overlap,
        "response_gap": None if told.response_gap is None else told.response_gap <= limits.response_gap,
    }
    broken = tuple(name for name, it in holds.items() if it is False)
    unknown = tuple(name for name, it in holds.items() if it is None)
    letter = "C" if len(broken) >= _BROKEN_FOR_C else "B" if broken else "A"
    return Grade(letter, broken, unknown)


def _refused(told: Compared, *, anonymous_match: bool) -> str:
    if told.n_exact == 0:
        return "no_exact_item"
    if told.is_same_options is False:
        return "other_options"
    if told.is_same_population is False:
        return "other_population"
    return "anonymous" if anonymous_match else ""
