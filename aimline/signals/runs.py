"""Judge runs and crossings of a centre line. Source: Anhøj and Olesen, PLOS One 9 (2014); Schilling 2012; Chen 2010.

Best box and cut box: Anhøj and Wentzel-Larsen, PLOS One 15 (2020) e0233920.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise

METHODS = ("anhoej", "bestbox", "cutbox")
_BOX_FROM = 10  # the boxes are tabled for 10 to 100 useful points
_LONGER = 3  # than the longest run to be expected, log2 n
_MANY = 20  # one in so many series may have as few crossings by chance


def _column(text: str) -> tuple[int | None, ...]:
    return tuple(None if word == "." else int(word) for word in text.split())


_CB = _column(
    "2 3 3 3 3 4 5 5 5 5 6 7 6 6 6 6 9 9 9 10 11 11 11 11 11 12 13 14 13 15 15 15 14 14 17 17 17 17 19 19 19 19 19 21"
    " 21 21 21 23 23 23 23 23 25 25 26 26 27 27 27 28 29 29 29 30 30 31 31 31 32 33 33 33 34 33 35 35 35 35 37 37 38"
    " 37 39 39 39 39 39 41 41 42 41"
)
_LB = _column(
    "6 7 6 6 6 7 8 7 7 7 7 8 7 7 7 7 9 8 8 8 10 9 8 8 8 8 9 10 8 11 9 9 8 8 10 9 9 9 12 10 9 9 9 11 10 9 9 12 10 10 9"
    " 9 11 10 11 10 12 10 10 11 14 11 10 11 10 12 11 10 11 13 11 10 11 10 11 11 10 10 12 11 12 10 13 11 11 10 10 12 11"
    " 12 10"
)
_CBORD = _column(
    "3 4 . . . 6 6 . 6 6 . . 7 7 7 . 10 10 11 . 12 14 . 12 13 . 15 . . . . 17 . . . . 19 20 20 21 . 21 21 23 23 . 23 25"
    " 24 26 . 24 27 27 27 27 29 . 29 29 30 31 30 31 . 32 34 33 33 37 35 . 36 36 . 38 36 38 38 39 . 39 41 40 42 . 41 42"
    " 44 43 42"
)
_LBORD = _column(
    "5 6 . . . 6 7 . 6 5 . . 6 6 6 . 7 7 7 . 9 8 . 7 7 . 8 . . . . 8 . . . . 8 7 11 9 . 8 7 9 8 . 8 11 9 8 . 8 9 9 10 9"
    " 10 . 8 8 13 9 9 10 . 9 8 9 8 11 9 . 10 7 . 8 9 8 10 9 . 9 12 10 8 . 8 9 9 10 9"
)


@dataclass(frozen=True)
class Runs:
    """What the runs of one phase tell; the four counts are None when no point is useful.

    Attributes:
        n_obs: Included points, missing ones counted.
        n_useful: Points that are neither missing nor exactly on the centre.
        longest_run: Points of the longest run on one side.
        longest_run_max: The longest that chance explains.
        n_crossings: Changes of side.
        n_crossings_min: The fewest that chance explains.
        has_signal: The order of the points is not chance.
    """

    n_obs: int
    n_useful: int
    longest_run: int | None = None
    longest_run_max: int | None = None
    n_crossings: int | None = None
    n_crossings_min: int | None = None
    has_signal: bool = False


def longest_run_max(n: int) -> int:
    """Return the longest run that chance explains among n useful points."""
    return round(math.log2(n)) + _LONGER


@lru_cache(maxsize=4096)
def crossings_min(n: int) -> int:
    """Return the fewest crossings that chance explains among n useful points: the 5% point of a fair binomial."""
    below, term, k = 1, 1, 0
    while _MANY * below < 2 ** (n - 1):
        k += 1
        term = term * (n - k) // k
        below += term
    return k


def judge_runs(values: Sequence[float], centre: float, method: str = "anhoej") -> Runs:
    """Judge the included points of one phase against its centre.

    Args:
        values: The plotted values in order; NaN where missing.
        centre: The centre line.
        method: One of ``METHODS``.
    """
    sides = [value > centre for value in values if value != centre and not math.isnan(value - centre)]
    n = len(sides)
    if n == 0:
        return Runs(len(values), 0)
    longest = max(sum(1 for _ in run) for _, run in groupby(sides))
    crossings = sum(1 for before, after in pairwise(sides) if before != after)
    limits = longest_run_max(n), crossings_min(n)
    return Runs(len(values), n, longest, limits[0], crossings, limits[1], not _is_chance(n, longest, crossings, method))


def _is_chance(n: int, longest: int, crossings: int, method: str) -> bool:
    place = n - _BOX_FROM
    if method == "anhoej" or not 0 <= place < len(_CB):
        return longest <= longest_run_max(n) and crossings >= crossings_min(n)
    fewest, most = _CB[place] or 0, _LB[place] or 0
    if method == "cutbox":
        fewest_at_most, most_at_fewest = _CBORD[place], _LBORD[place]
        if fewest_at_most is not None and most_at_fewest is not None:
            return (
                (crossings >= fewest + 1 and longest <= most - 1)
                or (crossings == fewest and longest <= most_at_fewest)
                or (crossings >= fewest_at_most and longest <= most)
            )
    return crossings >= fewest and longest <= most
