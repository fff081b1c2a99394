"""Weigh a scored file of responses by margins that a second file tells."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aimline.commands._rows import read_rows
from aimline.errors import UsageError

if TYPE_CHECKING:
    from aimline.commands._scored import Scored
    from aimline.scoring.scales import People
    from aimline.scoring.weights import Margin, Weights

WEIGHTED = (
    *("weighted_mean", "weighted_mean_low", "weighted_mean_high", "weighted_pooled", "weighted_margin"),
    *("deff", "n_effective", "margin_error", "weights_hold"),
)
"""Columns beside the unweighted ones; ``weights_hold`` says why there are no weighted figures."""

_COLUMNS = ("margin", "level", "n")


def read_margins(name: str, n_eligible: int | None) -> "tuple[Margin, ...]":
    """Read a file of margins: margin (a column of the responses, or several joined by +), level, n; in their order.

    Raises:
        UsageError: A column is missing, a number is none, or the margins add up to different numbers of people.
    """
    from aimline.scoring.weights import Margin

    file = read_rows(name)
    missing = [column for column in _COLUMNS if column not in file.columns]
    if missing:
        told = f"{name} has no column {missing[0]}."
        raise UsageError(told, remedy="Columns: margin, level, n. A row for each level of each margin.")
    levels: dict[str, dict[str, int]] = {}
    places = [file.columns.index(column) for column in _COLUMNS]
    for line, row in zip(file.lines, file.rows, strict=True):
        margin, level, text = (row[place].strip() for place in places)
        if not text.isdecimal() or int(text) == 0 or level in levels.get(margin, {}):
            remedy = "Give each level once, with the number of people asked: a whole number above 0."
            raise UsageError(f"{name} line {line}: margin '{margin[:40]}' cannot be read.", remedy=remedy)
        levels.setdefault(margin, {})[level] = int(text)
    totals = {margin: sum(mine.values()) for margin, mine in levels.items()}
    known = {*totals.values(), *([n_eligible] if n_eligible else [])}
    if len(known) > 1:
        told = ", ".join(f"{margin} {n}" for margin, n in totals.items())
        raise UsageError(f"the margins tell of different people: {told}.", remedy="All must add up to those asked.")
    return tuple(Margin(margin, mine) for margin, mine in levels.items())


def weighted(found: "Scored", people: "People", margins: "tuple[Margin, ...]") -> dict[str, Any]:
    """Return the weighted figures of one scale beside its unweighted ones.

    Raises:
        UsageError: The responses have no such column, or a level that no margin knows.
    """
    import numpy as np

    from aimline.scoring import weights

    rows = [int(row) for row in np.flatnonzero(people.is_scored)]
    columns = [_levels([found.responses.rows[row] for row in rows], margin) for margin in margins]
    held = weights.rake(list(zip(*columns, strict=True)), margins)
    if held.why_not:
        return dict.fromkeys(WEIGHTED) | {"weights_hold": held.why_not}
    return _figures(people, rows, held, sum(margins[0].levels.values()))


def _figures(people: "People", rows: list[int], held: "Weights", n_eligible: int) -> dict[str, Any]:
    from scipy.special import stdtrit

    from aimline.scoring import weights

    n = held.n_effective or 0.0
    scores = [float(people.scores[row]) for row in rows]
    mean, sd = weights.weighted_mean(list(zip(held.values, scores, strict=True)))
    liked = [(int(people.favorable[row]), int(people.answered[row])) for row in rows]
    share = weights.weighted_share([(w, f, of) for w, (f, of) in zip(held.values, liked, strict=True)])
    half = None
    if mean is not None and sd is not None and n > 1:
        left = max(n_eligible - n, 0) / (n_eligible - 1) if n_eligible > 1 else 1.0
        half = float(stdtrit(n - 1, 0.975)) * sd * (left / n) ** 0.5
    return {
        "weighted_mean": mean,
        "weighted_mean_low": None if mean is None or half is None else mean - half,
        "weighted_mean_high": None if mean is None or half is None else mean + half,
        "weighted_pooled": share,
        "weighted_margin": None if share is None else weights.margin_of_error(share, n, n_eligible),
        "deff": held.deff,
        "n_effective": held.n_effective,
        "margin_error": held.margin_error,
        "weights_hold": None,
    }


def _levels(rows: Sequence[Mapping[str, str]], margin: "Margin") -> list[str]:
    """Return the level of each response at one margin."""
    names = margin.name.split("+")
    missing = [name for name in names if rows and name not in rows[0]]
    if missing:
        told = f"the responses have no column '{missing[0][:40]}', which a margin names."
        raise UsageError(told, remedy="Give each response its level of every margin.")
    found = ["+".join(row[name].strip() for name in names) for row in rows]
    if n_other := sum(level not in margin.levels for level in found):
        told = f"margin {margin.name} knows no level for {n_other} of {len(found)} scored responses."
        raise UsageError(told, remedy="Add the level with the number of people asked, or mend the responses.")
    return found
