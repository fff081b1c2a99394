"""Choose how coarsely the groups of a school year are told in a district: bands of grades, then small groups together.

One place on the ladder of ``coarsen`` holds for all schools, so that sums over schools add up as they did. It is
chosen from a roster, once for a year: figures of one year that were told finely and coarsely would tell the difference.
A school's grades are never crossed with its groups in a district, and a school's total alone is no place here.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from aimline._told_groups import Told, told_on
from aimline.disclosure.coarsen import Rung
from aimline.disclosure.policy import ladder_of

if TYPE_CHECKING:
    from schemas.indicators import GroupSet
    from schemas.policy import Coarsen

DISTRICT = ""
"""The unit of counts over all schools."""

_COARSEST = 2

Place = tuple[str, str, str]
"""A unit, a group set and a group."""

Counts = Mapping[Place, int]


@dataclass(frozen=True)
class Size:
    """How much of a roster is small when it is told in some way.

    Attributes:
        n_cells: Groups of a school or the district that hold somebody.
        n_small: Those of fewer than ``n_min``.
        n_hidden: Those that the sums of counts alone ask to hide; results may ask for more.
    """

    n_cells: int = 0
    n_small: int = 0
    n_hidden: int = 0

    @property
    def small_share(self) -> Fraction:
        """Return which share is small."""
        return Fraction(self.n_small, max(self.n_cells, 1))


@dataclass(frozen=True)
class Choice:
    """How a year is told.

    Attributes:
        rung: The place on the ladder.
        told: The groups that are told as larger ones there.
        before: The roster as declared.
        after: The same told so.
    """

    rung: Rung
    told: tuple[Told, ...]
    before: Size
    after: Size


def choose(counts: Counts, sets: "Sequence[GroupSet]", coarsen: "Coarsen", n_min: int) -> Choice:
    """Climb until few groups are small; of the places passed take the one that hides fewest, the finest of equals.

    Args:
        counts: The roster, with the district's own counts under ``DISTRICT``.
        sets: The declared group sets.
        coarsen: What is declared of larger groups.
        n_min: A group below the number is small.
    """
    tried: list[Choice] = []
    before = size_of(counts, n_min)
    ladder = ladder_of(coarsen)
    for rung in (each for each in ladder.rungs() if each.level <= _COARSEST):
        told = tuple(told_on(sets, coarsen, is_banded=rung.level > 0, n_merged=rung.n_merged))
        if tried and told == tried[-1].told:
            continue
        tried.append(Choice(rung, told, before, size_of(_merged(counts, told), n_min)))
        if tried[-1].after.small_share <= ladder.max_small_share:
            break
    return min(tried, key=lambda each: (each.after.n_hidden, each.rung))


def _merged(counts: Counts, told: Sequence[Told]) -> Counts:
    """Return the counts as they are told."""
    names = {(each.group_set_id, each.group_id): each.told_id for each in told}
    found: dict[Place, int] = defaultdict(int)
    for (unit, group_set, group), n in counts.items():
        found[unit, group_set, names.get((group_set, group), group)] += n
    return found


def size_of(counts: Counts, n_min: int) -> Size:
    """Return how many groups are small, and how many the sums of counts ask to hide."""
    held = {place: n for place, n in counts.items() if n > 0}
    small = {place for place, n in held.items() if n < n_min}
    return Size(len(held), len(small), len(_hidden(held, small, n_min)))


def _hidden(held: Counts, small: set[Place], n_min: int) -> set[Place]:
    """Hide until no line of a table, groups of a unit or schools of a group, tells one gap or too small a sum."""
    lines: dict[Place, list[Place]] = defaultdict(list)
    for place in sorted(held):
        unit, group_set, group = place
        lines["groups", unit, group_set].append(place)
        if unit != DISTRICT:
            lines["schools", group_set, group].append(place)
    hidden = set(small)
    waiting = sorted(lines)
    while waiting:
        name = waiting.pop()
        gaps = [place for place in lines[name] if place in hidden]
        shown = [place for place in lines[name] if place not in hidden]
        total = (DISTRICT, *name[1:]) if name[0] == "schools" else None
        if not gaps or total in hidden or (len(gaps) > 1 and sum(held[place] for place in gaps) >= n_min):
            continue
        more = min(shown, key=lambda place: (held[place], place), default=total)
        if more is None:
            continue
        hidden.add(more)
        unit, group_set, group = more
        waiting += [
            each for each in (name, ("groups", unit, group_set), ("schools", group_set, group)) if each in lines
        ]
    return hidden
