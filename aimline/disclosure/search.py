"""Search for few gaps that keep every rule: repair, clean up, and ask for cheaper ones. Judging is not done here."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil, inf

import numpy as np
import numpy.typing as npt

from aimline.disclosure.relations import Reader, Rule, Task
from aimline.disclosure.repair import ENOUGH, cheapest
from aimline.disclosure.watch import Watch

Gaps = frozenset[int]
_N_NODES = 300
_N_ASKED = 25
"""Rules that a proposal of the solver adds to what it is asked next."""

_WORK = 15_000
"""What one round of a small table costs: rules times cells squared, in hundreds. It grows as the time does."""

_SMALL = 100
"""Cells up to which that is so; in a larger table what is proposed takes as long again to prove and to clean up."""

_N_TRIES = 200


class NoPatternError(Exception):
    """Whatever is hidden, some target stays open: its number, and whose view it is."""

    def __init__(self, reader: Reader, target: int | None) -> None:
        """Keep who knows too much about what."""
        super().__init__(reader.view.name)
        self.reader = reader
        self.target = target


class Search:
    """The rules known so far, and what was tried."""

    def __init__(self, task: Task, weights: Mapping[int, float], n_rounds: int) -> None:
        """Start with what single sums ask.

        Args:
            task: What is protected.
            weights: What hiding a cell costs.
            n_rounds: How often to look for fewer gaps, in a small table; a large one has fewer rounds.
        """
        self._work = n_rounds * _WORK
        self.task = task
        self.weights = weights
        self.at_least = 0
        self._column = {cell: place for place, cell in enumerate(task.choices)}
        self._watches = [Watch(task, reader, self._column) for reader in task.readers]
        self.rules: list[Rule] = []
        self._table = np.zeros((0, len(task.choices)))
        self._least = np.zeros(0)
        self._known: set[tuple[tuple[tuple[int, float], ...], float]] = set()
        self.learn(task.rules)
        self._asked = list(range(len(self.rules)))

    def learn(self, rules: Iterable[Rule]) -> int:
        """Keep rules that are new; return how many."""
        new = []
        for rule in rules:
            key = (
                tuple(sorted((cell, round(weight, 6)) for cell, weight in rule.weights.items())),
                round(rule.least, 6),
            )
            if key not in self._known:
                self._known.add(key)
                new.append(rule)
        table = np.zeros((len(new), len(self.task.choices)))
        for row, rule in enumerate(new):
            for cell, weight in rule.weights.items():
                table[row, self._column[cell]] = weight
        self.rules += new
        self._table = np.vstack([self._table, table])
        self._least = np.concatenate([self._least, [rule.least for rule in new]])
        return len(new)

    def weight(self, gaps: Gaps) -> float:
        """Return what gaps cost together."""
        return sum(self.weights[cell] for cell in sorted(gaps))

    def judge(self) -> None:
        """See whether a pattern can exist at all: hiding everything must hide every target.

        Raises:
            NoPatternError: It does not.
        """
        everything = frozenset(self.task.choices)
        for watch in self._watches:
            target = watch.open_target(everything)
            if target is not None:
                raise NoPatternError(watch.reader, target)

    def first(self, gaps: Gaps) -> Gaps:
        """Return a safe pattern that begins with some gaps.

        Raises:
            NoPatternError: None was found.
        """
        try:
            return self.cleaned(self.repaired(gaps))
        except NoPatternError:
            pass
        for _ in range(_N_TRIES):
            found, _ = cheapest(self.weights, self.rules, _N_NODES)
            if found is None:
                break
            if self.is_safe(found):
                return self.cleaned(found)
        raise NoPatternError(self.task.readers[0], None)

    def is_safe(self, gaps: Gaps, beside: int | None = None) -> bool:
        """Say whether a pattern keeps every rule, those that are not known yet included.

        Args:
            gaps: The pattern.
            beside: A cell that was shown again, where a broken rule is looked for first.
        """
        if self._short(gaps).max(initial=0.0) > ENOUGH:
            return False
        for watch in self._watches:
            broken = watch.broken(gaps, beside)
            if broken:
                self.learn(broken)
                return False
        return True

    def repaired(self, gaps: Gaps) -> Gaps:
        """Add gaps, the most useful first, until every rule is kept.

        Raises:
            NoPatternError: Nothing is left to hide.
        """
        while True:
            gaps = self._paired(self._covered(gaps))
            broken = self._broken(gaps)
            if not broken:
                return gaps
            if not self.learn(broken):  # kept by a rounding, broken by a rounding: nothing more can be learned
                raise NoPatternError(self.task.readers[0], None)

    def _broken(self, gaps: Gaps) -> list[Rule]:
        """Return the rules that a pattern breaks and that are not known yet."""
        return [rule for watch in self._watches for rule in watch.broken(gaps)]

    def _paired(self, gaps: Gaps) -> Gaps:
        """Give every gap that is alone in a sum a partner there: alone it hides nothing, and so protects nothing."""
        while lone := [cells for reader in self.task.readers for cells in _lone(self.task, reader, gaps)]:
            worth = Counter(cell for cells in lone for cell in cells)
            gaps |= {min(worth, key=lambda cell: (self.weights[cell] / worth[cell], cell))}
        return gaps

    def _covered(self, gaps: Gaps) -> Gaps:
        """Add gaps until the known rules are kept."""
        costs = np.array([self.weights[cell] for cell in self.task.choices])
        while (short := self._short(gaps)).max(initial=0.0) > ENOUGH:
            rows = short > ENOUGH
            worth = np.minimum(np.maximum(self._table[rows], 0.0), short[rows][:, None]) / short[rows][:, None]
            gain = worth.sum(axis=0) / costs
            gain[[self._column[cell] for cell in gaps]] = 0.0
            best = int(gain.argmax())
            if gain[best] <= 0.0:
                raise NoPatternError(self.task.readers[0], None)
            gaps |= {self.task.choices[best]}
        return gaps

    def cleaned(self, gaps: Gaps) -> Gaps:
        """Show again what need not be hidden, the most useful first: no single gap of the rest can be shown."""
        for cell in sorted(gaps, key=lambda cell: (-self.weights[cell], cell)):
            if self.is_safe(gaps - {cell}, cell):
                gaps -= {cell}
        return gaps

    def cheapest(self, gaps: Gaps) -> Gaps:
        """Look for fewer gaps: solve for the rules known, learn what the solution breaks, repair it; again.

        ``at_least`` grows to the number of gaps that every safe pattern has.

        Args:
            gaps: A safe pattern.
        """
        while len(gaps) > self.at_least and self._work > 0:
            self._work -= self._price()
            most = Rule(dict.fromkeys(self.task.choices, -1.0), 1.0 - len(gaps))
            asked = [self.rules[place] for place in self._asked]
            found, bound = cheapest(self.weights, [*asked, most], _N_NODES)
            # So many gaps weigh at most half a gap more than their number.
            self.at_least = max(self.at_least, len(gaps) if bound == inf else ceil(bound - 1 / 2 - ENOUGH))
            if found is None:
                break
            self.learn(self._broken(found))
            is_safe = not self._ask(found)
            try:
                trial = self.cleaned(found if is_safe else self.repaired(found))
            except NoPatternError:  # adding gaps to this one leads nowhere; what it breaks is asked now
                continue
            if self.weight(trial) < self.weight(gaps) - ENOUGH:
                gaps = trial
        return gaps

    def _price(self) -> int:
        """Return what the next round costs."""
        n_cells = len(self.task.choices)
        return len(self._asked) * n_cells**2 * max(n_cells, _SMALL) // (100 * _SMALL)

    def _ask(self, gaps: Gaps) -> int:
        """Ask from now on for the rules that a proposal breaks, the plainest ones; return how many."""
        short = self._short(gaps)
        broken = [int(place) for place in np.flatnonzero(short > ENOUGH)]
        broken.sort(key=lambda place: (len(self.rules[place].weights), -short[place], place))
        self._asked += broken[:_N_ASKED]
        return len(broken)

    def _short(self, gaps: Gaps) -> npt.NDArray[np.float64]:
        shown = np.zeros(len(self.task.choices))
        shown[[self._column[cell] for cell in gaps]] = 1.0
        return self._least - self._table @ shown


def _lone(task: Task, reader: Reader, gaps: Gaps) -> Iterable[list[int]]:
    """Yield, for every sum with one unknown cell, and that one hidden by choice, what could be hidden beside it."""
    for relation in task.instance.relations:
        unknown = [
            cell for cell in relation.cells if cell in reader.closed or (cell in gaps and cell in reader.choices)
        ]
        if len(unknown) == 1 and unknown[0] in gaps:
            beside = [cell for cell in relation.cells if cell in reader.choices and cell not in gaps]
            if beside:
                yield beside
