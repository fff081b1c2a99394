"""The Markov chain of zone rules: states are what was seen lately, as far as a rule may still need it.

Source: Champ and Woodall, Technometrics 29 (1987).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from aimline.errors import UsageError

Floats = NDArray[np.float64]

_EDGES = np.array([-np.inf, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, np.inf])
_MIDDLE = 4  # zones 0 to 3 are below the centre, 4 to 7 above
_ZONES = 8
_SHORTEST_RUN, _LONGEST_RUN = 2, 50
_RUN = re.compile(r"run([1-9][0-9]*)")


@dataclass(frozen=True)
class _State:
    """What was seen lately.

    Attributes:
        beyond_two: Of the last two values: -1, 0 or 1, beyond two sigma on which side.
        beyond_one: Of the last four values: beyond one sigma on which side.
        run: Values in a row on one side, negative below.
    """

    beyond_two: tuple[int, ...] = ()
    beyond_one: tuple[int, ...] = ()
    run: int = 0


@dataclass(frozen=True)
class Chain:
    """States without a signal and where each zone leads from them; -1 where it signals."""

    moves: NDArray[np.int64]

    @property
    def size(self) -> int:
        """Return the number of states."""
        return len(self.moves)

    def matrix(self, mean: float) -> Floats:
        """Return the chances of moving from state to state, for values about a mean."""
        chances = np.diff(ndtr(_EDGES - mean))
        found = np.zeros((self.size, self.size))
        for zone in range(_ZONES):
            stays = np.flatnonzero(self.moves[:, zone] >= 0)
            np.add.at(found, (stays, self.moves[stays, zone]), chances[zone])
        return found


@dataclass(frozen=True)
class _Rules:
    beyond_three: bool
    two_of_three: bool
    four_of_five: bool
    run: int


def _run_of(rule: str) -> int:
    """Return the length of a run rule, 0 of another; one of many digits is longer than any that is worked out."""
    found = _RUN.fullmatch(rule)
    return 0 if found is None else int(found[1][:9])


def _read(rules: tuple[str, ...]) -> _Rules:
    run = 0
    for rule in rules:
        if (length := _run_of(rule)) >= _SHORTEST_RUN:
            if length > _LONGEST_RUN:
                raise UsageError(f"'{rule[:20]}' is too long a run.", remedy=f"Give one of at most {_LONGEST_RUN}.")
            run = length if run == 0 else min(run, length)
        elif rule not in {"1", "2of3", "4of5"}:
            raise UsageError(f"'{rule[:20]}' is not a rule.", remedy="Known: 1, 2of3, 4of5 and runN, such as run8.")
    return _Rules("1" in rules, "2of3" in rules, "4of5" in rules, run)


@lru_cache(maxsize=8)
def chain_of(rules: tuple[str, ...]) -> Chain:
    """Return the chain of any of ``1``, ``2of3``, ``4of5``, ``runN``; its first state has seen nothing."""
    told = _read(rules)
    index = {_State(): 0}
    queue = [_State()]
    moves: list[list[int]] = []
    while len(moves) < len(queue):
        row = []
        for zone in range(_ZONES):
            after = _step(queue[len(moves)], zone, told)
            if after is not None and after not in index:
                index[after] = len(queue)
                queue.append(after)
            row.append(-1 if after is None else index[after])
        moves.append(row)
    return Chain(np.array(moves, dtype=np.int64))


def _step(state: _State, zone: int, rules: _Rules) -> _State | None:
    """Return the state after a value in a zone; None when a rule signals."""
    side = 1 if zone >= _MIDDLE else -1
    depth = zone - _MIDDLE if side > 0 else _MIDDLE - 1 - zone
    if rules.beyond_three and depth >= 3:  # noqa: PLR2004
        return None
    two = (*state.beyond_two, side if depth >= 2 else 0)  # noqa: PLR2004
    one = (*state.beyond_one, side if depth >= 1 else 0)
    run = state.run + side if state.run * side > 0 else side
    signals = (
        rules.two_of_three and two.count(side) >= 2 and two[-1] == side,  # noqa: PLR2004
        rules.four_of_five and one.count(side) >= 4 and one[-1] == side,  # noqa: PLR2004
        rules.run and abs(run) >= rules.run,
    )
    if any(signals):
        return None
    return _State(
        _trimmed(two[-2:]) if rules.two_of_three else (),
        _trimmed(one[-4:]) if rules.four_of_five else (),
        run if rules.run else 0,
    )


def _trimmed(seen: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out what is oldest and tells nothing."""
    while seen and seen[0] == 0:
        seen = seen[1:]
    return seen
