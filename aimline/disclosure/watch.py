"""Watch what one reader could still believe under a pattern, and remember every deviation that was seen.

A deviation needs the gaps it uses and no others: under every pattern that has them it stands, and no solver is asked.
A target is first looked at within its own school and a few others, where the programs are small; only where that is
not enough, within the whole district.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from aimline.disclosure.instance import Instance
from aimline.disclosure.relations import Reader, Rule, Task
from aimline.disclosure.repair import ENOUGH, Doubt, Move, broken_rules
from aimline.disclosure.seen import Seen

Gaps = frozenset[int]
Reach = tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]
"""How far up and how far down, by target."""

_N_SMALL = 300
"""Cells of a table that is looked at as a whole at once."""

_N_SHAKEN = 150
"""Cells up to which bounds are shaken a little: in large tables of ones answers come sooner without."""

_N_PARTNERS = 3


class Watch:
    """One reader: what is open to it under a pattern."""

    def __init__(self, task: Task, reader: Reader, column: Mapping[int, int]) -> None:
        """Prepare the solver of the whole table; those of schools are made when they are needed.

        Args:
            task: What is protected.
            reader: The view.
            column: A number for every cell that may be hidden.
        """
        self.reader = reader
        self._instance = task.instance
        self._column = column
        self._seen = [Seen(len(column), len(reader.targets)) for _ in "xy"]
        self._at = {target: place for place, target in enumerate(reader.targets)}
        cells = [task.instance.cells[target] for target in reader.targets]
        self._is_none = [
            np.array([value == 0 for value in each], dtype=bool)
            for each in ([cell.x for cell in cells], [cell.y for cell in cells])
        ]
        self._whole = self._circle(frozenset(range(len(task.instance.cells))))
        self._homes: dict[str, Doubt] = {}
        self._around = _homes(task.instance) if len(task.instance.cells) > _N_SMALL else {}

    def open_target(self, gaps: Gaps) -> int | None:
        """Return a target about which there is too little doubt under a pattern; None when there is none."""
        reaches = self._reaches(gaps)
        for target, place in self._at.items():
            if not self._is_safe(reaches, place) and self._moves(target, reaches, gaps):
                return target
        return None

    def broken(self, gaps: Gaps, beside: int | None = None) -> list[Rule]:
        """Return the rules a pattern breaks, as far as the solver must be asked for them.

        Args:
            gaps: The pattern.
            beside: A cell that was shown again: then the targets of its unit are asked first, and one broken rule is
                enough.
        """
        reaches = self._reaches(gaps)
        found: list[Rule] = []
        cells = self._instance.cells
        unit = None if beside is None else cells[beside].unit_id
        for target, place in sorted(self._at.items(), key=lambda each: cells[each[0]].unit_id != unit):
            if self._is_safe(reaches, place):
                continue
            moves = self._moves(target, reaches, gaps)
            if moves:
                found += broken_rules((self._instance, self.reader), target, moves)
            if found and beside is not None:
                break
        return found

    def _reaches(self, gaps: Gaps) -> list[Reach]:
        """Return how far every target comes under a pattern, up and down, of each answer, as far as was seen."""
        hidden = np.zeros(len(self._column), dtype=bool)
        hidden[[self._column[cell] for cell in gaps if cell in self._column]] = True
        return [seen.reach(hidden) for seen in self._seen]

    def _moves(self, target: int, reaches: list[Reach], gaps: Gaps) -> list[list[Move]]:
        """Move a target, at home first; return the moves of the whole table where they do not reach far enough."""
        for doubt in (self._home(target), self._whole):
            if doubt is None:
                continue
            doubt.open(gaps)
            told = self._moves_within(doubt, target, reaches)
            if self._is_safe(reaches, self._at[target]):
                return []
        return told

    def _moves_within(self, doubt: Doubt, target: int, reaches: list[Reach]) -> list[list[Move]]:
        """Move a target upward, then, if that is not enough, downward; keep what is seen of the other targets too."""
        told: list[list[Move]] = [[], []]
        places, columns = doubt.targets
        for sign in (1, -1):
            for answer, move in enumerate(doubt.move(target, sign)):
                told[answer].append(move)
                row = np.zeros(len(self.reader.targets))
                row[places] = move.deviations[columns]
                up, down = reaches[answer]
                np.maximum(up, row, out=up)
                np.maximum(down, -row, out=down)
                needs = np.zeros(len(self._column), dtype=bool)
                needs[[self._column[cell] for cell in move.moved if cell in self._column]] = True
                self._seen[answer].add(needs, row)
            if self._is_safe(reaches, self._at[target]):
                break
        return told

    def _circle(self, around: frozenset[int]) -> Doubt:
        doubt = Doubt(self._instance, self.reader, around)
        if len(around) > _N_SHAKEN:
            doubt.calm()
        return doubt

    def _home(self, target: int) -> Doubt | None:
        """Return the circle of a target's school; None for small tables and for cells of no school."""
        unit = self._instance.cells[target].unit_id
        if unit is None or unit not in self._around:
            return None
        if unit not in self._homes:
            self._homes[unit] = self._circle(self._around[unit])
        return self._homes[unit]

    def _is_safe(self, reaches: Sequence[Reach], place: int) -> bool:
        (x_up, x_down), (y_up, y_down) = [(up[place], down[place]) for up, down in reaches]
        wide = x_up + x_down + y_up + y_down >= self._instance.thresholds.min_interval_width - ENOUGH
        both = min(x_up + x_down, y_up + y_down) >= 1 - ENOUGH
        some = all(not none[place] or up >= 1 - ENOUGH for none, up in zip(self._is_none, (x_up, y_up), strict=True))
        return bool(wide and both and some)


def _homes(instance: Instance) -> dict[str, frozenset[int]]:
    """Return the cells around each school: its own, those above schools, and those of schools with most small cells."""
    by_unit: dict[str, set[int]] = {}
    above: set[int] = set()
    for number, cell in enumerate(instance.cells):
        if cell.unit == "school" and cell.unit_id is not None:
            by_unit.setdefault(cell.unit_id, set()).add(number)
        else:
            above.add(number)
    n_small = Counter({unit: sum(instance.is_small(number) for number in cells) for unit, cells in by_unit.items()})
    ranked = sorted(by_unit, key=lambda unit: (-n_small[unit], unit))
    homes = {}
    for unit, own in by_unit.items():
        partners = [other for other in ranked if other != unit][:_N_PARTNERS]
        homes[unit] = frozenset(above | own).union(*(by_unit[other] for other in partners))
    return {unit: cells for unit, cells in homes.items() if len(cells) < len(instance.cells)}
