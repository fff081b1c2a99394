"""Find how low and how high a linear quantity can be for somebody who holds equations: linear programs with HiGHS.

This is the audit's solver; the protection has its own and shares nothing with it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
import numpy.typing as npt

TOLERANCE = 1e-6


class UndecidedError(Exception):
    """The solver gave no answer: nobody may rely on the quantity being hidden."""


@dataclass(frozen=True)
class Row:
    """``low <= sum(coefficient * unknown) <= high``."""

    coefficients: Mapping[int, float]
    low: float
    high: float


class Polytope:
    """All values that unknowns may have, each at least zero.

    Every solution found on the way is a point of it, and is remembered: ``lows`` and ``highs`` hold the smallest and
    largest value seen of every unknown.
    """

    def __init__(self, n_unknowns: int, rows: Sequence[Row], is_whole: bool = False) -> None:
        """Hand the rows to the solver; with ``is_whole`` the unknowns are whole numbers."""
        self._solver = _solver(n_unknowns, rows, is_whole)
        self._costs: dict[int, float] = {}
        self.point: Sequence[float] = ()

    def lowest(self, quantity: Mapping[int, float]) -> float:
        """Return the smallest value of a quantity (coefficients by unknown).

        Raises:
            UndecidedError: The solver has no answer.
        """
        return self._solve(quantity)

    def highest(self, quantity: Mapping[int, float]) -> float:
        """Return the largest value of a quantity; infinite when nothing bounds it.

        Raises:
            UndecidedError: The solver has no answer.
        """
        return -self._solve({unknown: -value for unknown, value in quantity.items()})

    def _solve(self, quantity: Mapping[int, float]) -> float:
        """Minimise; the basis of the last solution is where the search begins."""
        from highspy import HighsModelStatus

        for unknown in self._costs.keys() - quantity.keys():
            self._solver.changeColCost(unknown, 0.0)
        for unknown, value in quantity.items():
            self._solver.changeColCost(unknown, float(value))
        self._costs = dict(quantity)
        self.point = ()
        self._solver.run()
        status = self._solver.getModelStatus()
        if status in {HighsModelStatus.kUnbounded, HighsModelStatus.kUnboundedOrInfeasible}:
            return -inf
        if status != HighsModelStatus.kOptimal:
            raise UndecidedError(self._solver.modelStatusToString(status))
        self.point = self._solver.getSolution().col_value
        return _tidy(self._solver.getInfo().objective_function_value)


@dataclass(frozen=True)
class Matrix:
    """Rows of a system as a solver takes them: where each begins, its unknowns, its coefficients."""

    start: npt.NDArray[np.int32]
    index: npt.NDArray[np.int32]
    value: npt.NDArray[np.float64]

    @classmethod
    def of(cls, rows: Sequence[Mapping[int, float]]) -> "Matrix":
        """Lay rows of coefficients out one behind the other."""
        return cls(
            np.cumsum([0, *(len(row) for row in rows)], dtype=np.int32),
            np.array([unknown for row in rows for unknown in row], dtype=np.int32),
            np.array([value for row in rows for value in row.values()], dtype=float),
        )


class Slack:
    """How far unknowns can be from their true values together, while every row keeps its sum."""

    def __init__(self, rows: Matrix, lows: npt.NDArray[np.float64], highs: npt.NDArray[np.float64]) -> None:
        """Hand rows and limits to the solver: coefficients of the differences, whose sum is nothing."""
        self._lows, self._highs = lows, highs
        nothing = np.zeros(len(rows.start) - 1)
        self._solver = _made(rows, (lows, highs), (nothing, nothing), is_whole=False)
        self._solver.setOptionValue("primal_simplex_bound_perturbation_multiplier", 0.0)  # sooner, in tables of ones

    def farthest(
        self, wanted: Mapping[int, float], weights: npt.NDArray[np.float64] | None = None
    ) -> npt.NDArray[np.float64]:
        """Return differences that carry some unknowns as far as they go together, each so far at most, up or down.

        Nothing differs where the solver has no answer.

        Args:
            wanted: How far each is to come, up or down.
            weights: What a step of each is worth beside the others; all alike without.
        """
        from highspy import HighsModelStatus

        places = np.fromiter(wanted, dtype=np.int32, count=len(wanted))
        ways = np.fromiter(wanted.values(), dtype=float, count=len(wanted))
        low, high = self._lows[places], self._highs[places]
        limits = (np.where(ways < 0, np.maximum(low, ways), low), np.where(ways > 0, np.minimum(high, ways), high))
        worth = np.sign(ways) if weights is None else np.sign(ways) * weights
        self._solver.changeColsCost(len(places), places, -worth)
        self._solver.changeColsBounds(len(places), places, *limits)
        self._solver.run()
        is_solved = self._solver.getModelStatus() == HighsModelStatus.kOptimal
        point = np.array(self._solver.getSolution().col_value if is_solved else np.zeros(len(self._lows)), dtype=float)
        self._solver.changeColsCost(len(places), places, np.zeros(len(places)))
        self._solver.changeColsBounds(len(places), places, self._lows[places], self._highs[places])
        return point

    def limit(self, lows: npt.NDArray[np.float64], highs: npt.NDArray[np.float64]) -> None:
        """Set other limits; the search goes on from where it is."""
        self._lows, self._highs = lows, highs
        self._solver.changeColsBounds(len(lows), np.arange(len(lows), dtype=np.int32), lows, highs)

    def begin_like(self, other: "Slack") -> None:
        """Begin where the search of other limits on the same rows ended: that is near, and from nothing it is far."""
        self._solver.setBasis(other._solver.getBasis())  # noqa: SLF001 - of its own kind


def _solver(n_unknowns: int, rows: Sequence[Row], is_whole: bool) -> Any:
    import highspy

    sides = (np.array([row.low for row in rows], dtype=float), np.array([row.high for row in rows], dtype=float))
    limits = (np.zeros(n_unknowns), np.full(n_unknowns, highspy.kHighsInf))
    return _made(Matrix.of([row.coefficients for row in rows]), limits, sides, is_whole)


def _made(
    rows: Matrix,
    limits: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    sides: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]],
    is_whole: bool,
) -> Any:
    import highspy
    from highspy._core import _Highs  # highspy.Highs, its child, writes a banner to stdout, where only JSON may be

    solver = _Highs()
    options: dict[str, bool | int | str] = {"output_flag": False, "threads": 1, "random_seed": 0, "presolve": "off"}
    if not is_whole:
        options |= {"solver": "simplex", "simplex_strategy": 4}  # the primal simplex goes on from the last basis
    for name, value in options.items():
        solver.setOptionValue(name, value)
    problem = highspy.HighsLp()
    problem.num_col_, problem.num_row_ = len(limits[0]), len(sides[0])
    problem.col_cost_ = np.zeros(len(limits[0]))
    problem.col_lower_, problem.col_upper_ = limits
    problem.row_lower_, problem.row_upper_ = sides
    problem.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    problem.a_matrix_.start_, problem.a_matrix_.index_, problem.a_matrix_.value_ = rows.start, rows.index, rows.value
    if is_whole:
        problem.integrality_ = [highspy.HighsVarType.kInteger] * len(limits[0])
    solver.passModel(problem)
    return solver


def _tidy(value: float) -> float:
    """Return a whole number where the solver missed it by a rounding."""
    nearest = float(round(value))
    return nearest if abs(value - nearest) < TOLERANCE else value
