"""Say whether windows fit at all, without asking what it costs: put them in one after another, or count their days.

Both are exact in what they claim: openings that are found keep every rule, and what is counted as too much is too much.
Where neither tells, ``solver`` looks further. Source: schedule.md 7.5.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations

_SCALE = 1000
"""Costs of a day by weight, so that which side and which window decide only among equals."""

Pair = frozenset[str]


@dataclass(frozen=True)
class Movable:
    """One window: days are numbers of school days.

    Attributes:
        preferred: The opening its rule gives.
        openings: Openings it may have, in order.
        length: How many days it is open.
        gap: Days that must lie between it and another window of the same people.
        rank: Its place among all ids, which decides between equals.
    """

    id: str
    weight: int
    preferred: int
    openings: tuple[int, ...]
    length: int
    gap: int
    rank: int

    def cost(self, opening: int) -> int:
        """Return what an opening costs, in millionths of a day of weight one."""
        away = abs(opening - self.preferred)
        if not away:
            return 0
        return _SCALE * (_SCALE * self.weight * away + (opening < self.preferred)) + self.rank


@dataclass(frozen=True)
class Capacity:
    """How many steps a resource can do on one day.

    Attributes:
        limit: At most so many; ``taken`` are those of steps that do not move, by day.
        uses: The days on which each window's steps need it, by window and opening.
    """

    id: str
    limit: int
    uses: Mapping[tuple[str, int], frozenset[int]]
    taken: Mapping[int, int] = field(default_factory=dict)

    @cached_property
    def users(self) -> frozenset[str]:
        """Return the windows whose steps need it."""
        return frozenset(name for name, _ in self.uses)


@dataclass(frozen=True)
class Problem:
    """Windows, sets of them that must keep a distance, and resources.

    Attributes:
        crowds: Windows that ask the same people, so that every two of them must keep their distance.
        capacities: What their steps need.
        free: Pairs that need not keep it, whatever ``crowds`` say.
    """

    windows: tuple[Movable, ...]
    crowds: tuple[frozenset[str], ...] = ()
    capacities: tuple[Capacity, ...] = ()
    free: frozenset[Pair] = frozenset()

    @cached_property
    def by_id(self) -> dict[str, Movable]:
        """Return the windows by their ids."""
        return {window.id: window for window in self.windows}

    @property
    def n_openings(self) -> int:
        """Return how many openings the windows have in all."""
        return sum(len(window.openings) for window in self.windows)

    @cached_property
    def beside(self) -> dict[str, frozenset[str]]:
        """Return the windows from which each must keep a distance."""
        found: dict[str, set[str]] = {window.id: set() for window in self.windows}
        for crowd in self.crowds:
            for name in crowd & found.keys():
                found[name] |= crowd & found.keys()
        for one, other in self.free:
            if one in found and other in found:
                found[one].discard(other)
                found[other].discard(one)
        return {name: frozenset(others - {name}) for name, others in found.items()}

    @cached_property
    def cliques(self) -> tuple[frozenset[str], ...]:
        """Return sets of windows every two of which keep a distance, so that every such pair is in one of them."""
        cut = [pair for pair in self.free if any(pair <= crowd for crowd in self.crowds)]
        if not cut:
            own = (crowd & self.by_id.keys() for crowd in self.crowds)
            return tuple(sorted({frozenset(each) for each in own if len(each) > 1}, key=sorted))
        found: list[frozenset[str]] = []
        for name in sorted(self.beside):
            for other in sorted(self.beside[name]):
                if name < other and not any(name in each and other in each for each in found):
                    found.append(self._grown(name, other))
        return tuple(found)

    def _grown(self, name: str, other: str) -> frozenset[str]:
        """Return a largest set of windows with these two of which every two keep a distance."""
        grown, common = {name, other}, self.beside[name] & self.beside[other]
        while common:
            joined = min(common)
            grown.add(joined)
            common &= self.beside[joined]
        return frozenset(grown)


def distance(one: Movable, other: Movable) -> int:
    """Return how many days must lie between two windows."""
    return max(one.gap, other.gap)


def placed(problem: Problem, first: Sequence[str] = ()) -> dict[str, int] | None:
    """Return openings that keep every rule, found by putting windows in one after another; None when that fails.

    Args:
        problem: The windows.
        first: Windows that go in before all others, or after them: the first ways that are tried.
    """
    windows = problem.windows
    by_end = sorted(windows, key=lambda each: (each.openings[-1:], each.openings[:1], each.rank))
    orders = [
        by_end,
        sorted(windows, key=lambda each: (each.preferred, each.rank)),
        sorted(windows, key=lambda each: (len(each.openings), each.rank)),
        sorted(windows, key=lambda each: (-each.gap, -each.length, each.rank)),
    ]
    if first:
        own = [each for each in windows if each.id in first]
        others = [each for each in by_end if each.id not in first]
        orders = [[*own, *others], [*others, *own], *orders]
    return next((found for order in orders if (found := _in_order(problem, order)) is not None), None)


def _in_order(problem: Problem, order: Iterable[Movable]) -> dict[str, int] | None:
    """Put every window at its first opening that is not in the way of those before it."""
    found: dict[str, int] = {}
    used: dict[tuple[str, int], int] = {}
    for window in order:
        opening = _first_free(problem, window, found, used)
        if opening is None:
            return None
        found[window.id] = opening
        for capacity in problem.capacities:
            for day in capacity.uses.get((window.id, opening), ()):
                used[capacity.id, day] = used.get((capacity.id, day), 0) + 1
    return found


def _first_free(
    problem: Problem, window: Movable, found: Mapping[str, int], used: Mapping[tuple[str, int], int]
) -> int | None:
    """Return the first opening of a window that keeps its distance from those that are in, and finds room."""
    beside = problem.beside[window.id]
    barred = []
    for name, start in found.items():
        if name in beside:
            other = problem.by_id[name]
            apart = distance(window, other)
            barred.append((start - window.length - apart, start + other.length + apart))
    free = _outside(window.openings, sorted(barred))
    return next((each for each in free if _has_room(problem.capacities, (window.id, each), used)), None)


def _outside(openings: Sequence[int], barred: Iterable[tuple[int, int]]) -> Iterator[int]:
    """Yield the openings that lie within none of some spans, which come by their beginning; their ends are free."""
    place = 0
    for low, high in barred:
        while place < len(openings) and openings[place] <= low:
            yield openings[place]
            place += 1
        place = max(place, bisect_left(openings, high))
    yield from openings[place:]


def _has_room(capacities: Iterable[Capacity], place: tuple[str, int], used: Mapping[tuple[str, int], int]) -> bool:
    return all(
        each.taken.get(day, 0) + used.get((each.id, day), 0) < each.limit
        for each in capacities
        for day in each.uses.get(place, ())
    )


def is_overfull(problem: Problem) -> bool:
    """Say whether some windows need more days than there are between their first and their last: then nothing fits.

    Of windows that keep a distance, each takes its own days and its own gap, but for one gap: the least of them.
    """
    if not all(window.openings for window in problem.windows):
        return True
    return any(_is_overfull([problem.by_id[name] for name in sorted(clique)]) for clique in problem.cliques)


def _is_overfull(members: Sequence[Movable]) -> bool:
    ends = sorted((each.openings[-1] + each.length, each.openings[0], each.length, each.gap) for each in members)
    for begin in {each.openings[0] for each in members}:
        needed, least = 0, None
        for end, opening, length, gap in ends:
            if opening >= begin:
                needed += length + gap
                least = gap if least is None else min(least, gap)
                if needed - least > end - begin:
                    return True
    return False


def twins(problem: Problem) -> dict[str, int]:
    """Return windows by kinds of which any two can change places without any rule noticing.

    What holds for one window, or for a pair, holds for every other of the same kinds.
    """
    users = frozenset[str]().union(*(each.users for each in problem.capacities))
    kinds: dict[tuple[object, ...], list[list[str]]] = {}
    for window in problem.windows:
        own = (window.id,) if window.id in users else ()
        like = kinds.setdefault((window.openings, window.length, window.gap, own), [])
        group = next((each for each in like if _changes_places(problem, each[0], window.id)), None)
        if group is None:
            like.append([window.id])
        else:
            group.append(window.id)
    groups = [group for like in kinds.values() for group in like]
    return {name: number for number, group in enumerate(groups) for name in group}


def _changes_places(problem: Problem, one: str, other: str) -> bool:
    return problem.beside[one] - {other} == problem.beside[other] - {one}


def keeps(problem: Problem, found: Mapping[str, int]) -> bool:
    """Say whether openings keep every rule."""
    if any(found[window.id] not in window.openings for window in problem.windows):
        return False
    return all(_keeps_apart(problem, found, *pair) for pair in _pairs(problem)) and _keeps_within(problem, found)


def _pairs(problem: Problem) -> Iterator[tuple[str, str]]:
    for one, other in combinations(sorted(problem.by_id), 2):
        if other in problem.beside[one]:
            yield one, other


def _keeps_apart(problem: Problem, found: Mapping[str, int], one: str, other: str) -> bool:
    first, second = sorted((problem.by_id[one], problem.by_id[other]), key=lambda each: found[each.id])
    return found[second.id] >= found[first.id] + first.length + distance(first, second)


def _keeps_within(problem: Problem, found: Mapping[str, int]) -> bool:
    for capacity in problem.capacities:
        used = dict(capacity.taken)
        for name, opening in found.items():
            for day in capacity.uses.get((name, opening), ()):
                used[day] = used.get(day, 0) + 1
                if used[day] > capacity.limit:
                    return False
    return True
