"""Ask a solver how far a reader's doubt reaches, and which rule a pattern breaks where it does not reach far enough.

The doubt about a cell is how far it could be from its true value while every sum holds and no cell is below zero: up
and down, for the favourable students and for the others. Where it is too narrow, the prices of the linear program
bound it for *every* pattern: a rule over gaps that this pattern breaks and every safe one keeps.

The audit has a solver of its own and shares nothing with this one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

from aimline.disclosure.instance import Instance
from aimline.disclosure.relations import Reader, Rule

GAP = 0.45
"""How far above its bound a cheapest answer may be: less than a gap more."""

NOTHING = 1e-7
ENOUGH = 1e-6


@dataclass(frozen=True)
class Move:
    """How one cell can deviate from the truth: every cell's deviation, and how far the target comes.

    Attributes:
        reach: How far; as far as is asked for, when nothing stops it before.
        cells: Numbers of the cells, in the order of what follows.
        deviations: Of every cell.
        duals: What the program would pay for each cell's deviation.
        values: True values.
    """

    reach: float
    cells: npt.NDArray[np.int64]
    deviations: npt.NDArray[np.float64]
    duals: npt.NDArray[np.float64]
    values: npt.NDArray[np.float64]

    @property
    def moved(self) -> list[int]:
        """Return the cells that deviate."""
        moved: list[int] = self.cells[np.abs(self.deviations) > NOTHING].tolist()
        return moved

    @property
    def prices(self) -> dict[int, float]:
        """Return what a gap at a cell is worth to the reach at most: infinite where it could rise for it."""
        worth = np.where(self.duals < -NOTHING, inf, np.where(self.duals > NOTHING, self.duals * self.values, 0.0))
        priced = worth > 0
        return {int(cell): float(price) for cell, price in zip(self.cells[priced], worth[priced], strict=True)}


class Doubt:
    """The deviations one reader must reckon with, of both answers: neither knows of the other, so one program does."""

    def __init__(self, instance: Instance, reader: Reader, around: Collection[int]) -> None:
        """Write the sums down; nothing but what the reader never sees is open yet.

        Args:
            instance: Cells and sums.
            reader: Whose doubt it is.
            around: The cells that may deviate at all. Doubt within some cells is doubt; that there is none within
                them proves nothing.
        """
        cells = sorted((reader.closed | reader.choices) & frozenset(around))
        self.cells = np.array(cells, dtype=np.int64)
        self._place = {cell: place for place, cell in enumerate(cells)}
        told = [instance.cells[cell] for cell in cells]
        self._values = np.array([[cell.x for cell in told], [cell.y for cell in told]], dtype=float).reshape(2, -1)
        self._far = float(max(instance.thresholds.min_interval_width, 1))
        self._opened: frozenset[int] = frozenset()
        aimed = [(place, self._place[cell]) for place, cell in enumerate(reader.targets) if cell in self._place]
        self.targets = np.array(aimed, dtype=np.int64).reshape(-1, 2).T
        sums: dict[int, dict[int, float]] = defaultdict(dict)
        for cell, place in self._place.items():  # of a district with long sums, a few schools are a small part
            for number in instance.sums_of[cell]:
                sums[number][place] = 1.0 if instance.relations[number].total == cell else -1.0
        rows = [sums[number] for number in sorted(sums)]
        others = [{place + len(cells): side for place, side in row.items()} for row in rows]
        closed = np.array([cell in reader.closed for cell in cells], dtype=bool)
        low, high = np.where(closed, -self._values, 0.0), np.where(closed, inf, [[0.0], [0.0]])
        self._solver = _linear((low.ravel().tolist(), high.ravel().tolist()), [*rows, *others])

    def calm(self) -> None:
        """Let the solver not shake the bounds, as it does a little by itself."""
        self._solver.setOptionValue("primal_simplex_bound_perturbation_multiplier", 0.0)

    def open(self, gaps: frozenset[int]) -> None:
        """Let exactly these of the choices be gaps."""
        turned = [cell for cell in sorted(gaps ^ self._opened) if cell in self._place]
        if turned:
            self._hold([self._place[cell] for cell in turned], [inf if cell in gaps else 0.0 for cell in turned])
        self._opened = gaps

    def _hold(self, places: Sequence[int], highs: Sequence[float]) -> None:
        """Let cells rise so far, and fall to nothing unless they may not rise."""
        high = np.tile(np.array(highs), 2)
        columns = np.concatenate([places, np.add(places, len(self.cells))]).astype(np.int32)
        low = np.where(high > 0, -self._values[:, places].ravel(), 0.0)
        self._solver.changeColsBounds(len(columns), columns, low, high)

    def move(self, target: int, sign: int) -> tuple[Move, Move]:
        """Return how far the target can come from the truth, upward (1) or downward (-1), and no farther than asked.

        The target, which the reader never sees, is held within the width that is asked for: what is wide enough in
        one direction needs no more, and the solver is done sooner.

        Returns:
            Its move of the favourable students, and that of the others.
        """
        columns = np.array([self._place[target], self._place[target] + len(self.cells)], dtype=np.int32)
        value = self._values[:, columns[0]]
        self._solver.changeColsCost(2, columns, np.full(2, float(-sign)))
        self._solver.changeColsBounds(2, columns, -np.minimum(value, self._far), np.full(2, self._far))
        self._solver.run()
        solution = self._solver.getSolution()
        self._solver.changeColsCost(2, columns, np.zeros(2))
        self._solver.changeColsBounds(2, columns, -value, np.full(2, inf))
        deviations = np.array(solution.col_value).reshape(2, -1)
        duals = np.array(solution.col_dual).reshape(2, -1)
        x, y = (
            Move(abs(float(deviation[columns[0]])), self.cells, deviation, dual, value)
            for deviation, dual, value in zip(deviations, duals, self._values, strict=True)
        )
        return x, y


def broken_rules(task: tuple[Instance, Reader], target: int, moves: Sequence[Sequence[Move]]) -> list[Rule]:
    """Return the rules a pattern breaks about a target; none when the doubt about it reaches far enough.

    Args:
        task: Instance and reader.
        target: The cell.
        moves: Upward and downward, of the favourable students and of the others.
    """
    instance, reader = task
    cell = instance.cells[target]
    x, y = moves
    asked: list[tuple[Sequence[Move], float]] = [
        ((*x, *y), float(instance.thresholds.min_interval_width)),
        (x, 1.0),
        (y, 1.0),
    ]
    asked += [((each[0],), 1.0) for each, value in ((x, cell.x), (y, cell.y)) if not value]
    return [_priced(reader, each, least) for each, least in asked if sum(move.reach for move in each) < least - ENOUGH]


def _priced(reader: Reader, moves: Iterable[Move], least: float) -> Rule:
    """Add the prices of several moves to one rule; what the reader never sees counts in every pattern."""
    total: dict[int, float] = {}
    for move in moves:
        for cell, price in move.prices.items():
            total[cell] = total.get(cell, 0.0) + price
    missing = least - sum(price for cell, price in total.items() if cell in reader.closed and price < inf)
    return Rule({cell: min(price, missing) for cell, price in total.items() if cell in reader.choices}, missing)


def cheapest(weights: Mapping[int, float], rules: Sequence[Rule], n_nodes: int) -> tuple[frozenset[int] | None, float]:
    """Return gaps of nearly least weight that keep all rules, and a bound that no such gaps are below.

    Args:
        weights: Of every cell that may be hidden.
        rules: What is asked.
        n_nodes: Where to stop the search; a count, so that it stops at the same place every time.
    """
    from highspy import HighsModelStatus, HighsVarType

    cells = sorted(weights)
    place = {cell: number for number, cell in enumerate(cells)}
    rows = [{place[cell]: weight for cell, weight in rule.weights.items()} for rule in rules]
    solver = _linear(([0.0] * len(cells), [1.0] * len(cells)), rows, [rule.least - ENOUGH for rule in rules])
    options = {"presolve": "on", "solver": "choose", "simplex_strategy": 1, "mip_max_nodes": n_nodes}
    for name, value in (options | {"mip_rel_gap": 0.0, "mip_abs_gap": GAP, "mip_heuristic_effort": 0.0}).items():
        solver.setOptionValue(name, value)
    for cell, number in place.items():
        solver.changeColCost(number, weights[cell])
        solver.changeColIntegrality(number, HighsVarType.kInteger)
    solver.run()
    info = solver.getInfo()
    if solver.getModelStatus() == HighsModelStatus.kInfeasible:
        return None, inf
    if info.primal_solution_status != 2:  # noqa: PLR2004 - kSolutionStatusFeasible
        return None, info.mip_dual_bound
    values = solver.getSolution().col_value
    return frozenset(cell for cell, number in place.items() if values[number] > 1 / 2), info.mip_dual_bound


def _linear(
    limits: tuple[Sequence[float], Sequence[float]],
    rows: Sequence[Mapping[int, float]],
    least: Sequence[float] | None = None,
) -> Any:
    """Hand columns and rows to a solver: rows are zero, or at least ``least``."""
    import highspy
    from highspy._core import _Highs  # highspy.Highs, its child, writes a banner to stdout, where only JSON may be

    solver = _Highs()
    options: dict[str, bool | int | str] = {"output_flag": False, "threads": 1, "random_seed": 0, "presolve": "off"}
    for name, value in (options | {"solver": "simplex", "simplex_strategy": 4}).items():
        solver.setOptionValue(name, value)
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = len(limits[0]), len(rows)
    problem.col_cost_ = np.zeros(len(limits[0]))
    problem.col_lower_, problem.col_upper_ = np.array(limits[0], dtype=float), np.array(limits[1], dtype=float)
    problem.row_lower_ = np.zeros(len(rows)) if least is None else np.array(least, dtype=float)
    problem.row_upper_ = np.zeros(len(rows)) if least is None else np.full(len(rows), inf)
    entries = [entry for row in rows for entry in row.items()]
    problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    problem.a_matrix_.start_ = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int32)
    problem.a_matrix_.index_ = np.array([place for place, _ in entries], dtype=np.int32)
    problem.a_matrix_.value_ = np.array([value for _, value in entries], dtype=float)
    solver.passModel(problem)
    return solver
