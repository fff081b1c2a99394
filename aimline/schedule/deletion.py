"""Leave out one rule after another while the rest still cannot hold: what is left cannot all hold, and needs every one.

Rules that change nothing when they change places are tried once for all of them; while none is needed, many are left
out at a time. Neither changes what is left. Source: schedule.md 7.5.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from aimline.schedule.fitting import Problem, twins
from aimline.schedule.solver import search, told_at_once

_MOST_SEARCHED = 80_000
"""How many openings are searched in all before rules are kept without a proof that they are needed."""


Rules = Mapping[str, tuple[str, ...]]
"""Names of rules, each with the windows it is about."""


@dataclass(frozen=True)
class Ways:
    """Whether there is a way without some rules.

    Attributes:
        problem: What is to be solved without them.
        rules: The rules.
        alike: Those that are the same for windows that can change places.
    """

    problem: Callable[[frozenset[str]], Problem]
    rules: Rules
    alike: Collection[str]

    def at_once(self, off: frozenset[str]) -> bool | None:
        """Say whether there is a way; None where that takes a search."""
        last = max(off, key=list(self.rules).index)
        return told_at_once(self.problem(off), self.rules[last])

    def size(self, off: frozenset[str]) -> int:
        """Return how many openings a search goes over."""
        return self.problem(off).n_openings

    def after_search(self, off: frozenset[str]) -> bool | None:
        """Say whether there is a way; None where the search was cut short."""
        answer = search(self.problem(off))
        return True if answer.openings is not None else False if answer.is_proved else None

    def kinds(self, off: frozenset[str]) -> dict[str, object]:
        """Return rules by kinds: without one there is a way exactly when there is without any other of its kind."""
        kinds = twins(self.problem(off))
        own = [rule for rule in self.rules if rule in self.alike and rule not in off]
        return {rule: tuple(sorted(kinds[name] for name in self.rules[rule])) for rule in own}


@dataclass(frozen=True)
class Left:
    """Rules that cannot all hold, and whether it is proved of each that it is needed."""

    rules: tuple[str, ...]
    is_proved: bool = True


class _Deletion:
    """What was left out so far, and what is known of what was left out with it."""

    def __init__(self, ways: Ways) -> None:
        self.ways, self.off = ways, frozenset[str]()
        self.n_searched, self.is_proved = 0, True
        self._kinds: dict[str, object] | None = None
        self._known: dict[object, bool | None] = {}

    def is_needed(self, part: Sequence[str]) -> bool:
        """Say whether some of these rules are needed; leave them out where none is."""
        known = self._of_kind(part[0]) if len(part) == 1 else self._asked(part)
        if known is False:
            self.off |= {*part}
            self._kinds, self._known = None, {}
        elif len(part) == 1 and known is None:
            self.is_proved = False
        return known is not False

    def _of_kind(self, rule: str) -> bool | None:
        if self._kinds is None:
            self._kinds = self.ways.kinds(self.off)
        kind = self._kinds.get(rule)
        if kind is None:
            return self._asked([rule])
        if kind not in self._known:
            self._known[kind] = self._asked([rule])
        return self._known[kind]

    def _asked(self, part: Sequence[str]) -> bool | None:
        off = self.off | {*part}
        known = self.ways.at_once(off)
        if known is None and self.n_searched < _MOST_SEARCHED:
            self.n_searched += self.ways.size(off)
            return self.ways.after_search(off)
        return known


def left_of(ways: Ways) -> Left:
    """Return the rules that are left when each in turn is left out unless there is a way then."""
    deletion, rules = _Deletion(ways), list(ways.rules)
    place, n = 0, 1
    while place < len(rules):
        part = rules[place : place + n]
        if not deletion.is_needed(part):
            place, n = place + len(part), 2 * n
        elif n > 1:
            n //= 2
        else:
            place += 1
    return Left(tuple(rule for rule in rules if rule not in deletion.off), is_proved=deletion.is_proved)
