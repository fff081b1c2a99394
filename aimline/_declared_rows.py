"""Turn declared facts into rows for SQL: one list a kind, with the columns of ``schemas/declared.py``.

Exact fractions become two whole numbers, lists become text joined by commas, labels one column a language. Dates that
a rule gives come in from ``aimline/schedule``; a date that is written is taken as it is.
"""

from typing import TYPE_CHECKING

from aimline import _edition_rows, _measure_rows, _plan_rows
from aimline._row_parts import Dates, Row
from schemas.declared import DECLARED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aimline.settings import Deployment


def rows_of(deployment: "Deployment", dates: Dates) -> dict[str, list[Row]]:
    """Return the rows of every kind by entity name; obligations come from ``aimline/schedule``."""
    made: dict[str, Callable[[], Iterator[Row]]] = {
        "district": lambda: _measure_rows.district(deployment),
        "school_zones": lambda: _measure_rows.school_zones(deployment),
        "terms": lambda: _plan_rows.terms(deployment),
        "day_weights": lambda: _measure_rows.day_weights(deployment),
        "profiles": lambda: _measure_rows.profiles(deployment),
        "indicators": lambda: _measure_rows.indicators(deployment),
        "targets": lambda: _measure_rows.targets(deployment),
        "groups": lambda: _measure_rows.groups(deployment),
        "goals": lambda: _plan_rows.goals(deployment),
        "goal_indicators": lambda: _plan_rows.goal_indicators(deployment),
        "strategies": lambda: _plan_rows.strategies(deployment),
        "strategy_indicators": lambda: _plan_rows.strategy_indicators(deployment),
        "activities": lambda: _plan_rows.activities(deployment),
        "milestones": lambda: _plan_rows.milestones(deployment),
        "people": lambda: _plan_rows.people(deployment),
        "instruments": lambda: _measure_rows.instruments(deployment),
        "items": lambda: _measure_rows.items(deployment),
        "options": lambda: _measure_rows.options(deployment),
        "scales": lambda: _measure_rows.scales(deployment),
        "scale_items": lambda: _measure_rows.scale_items(deployment),
        "crosswalk": lambda: _edition_rows.crosswalk(deployment),
        "subject_definitions": lambda: _edition_rows.subject_definitions(deployment),
        "windows": lambda: _plan_rows.windows(deployment, dates),
        "reviews": lambda: _plan_rows.reviews(deployment, dates),
        "audiences": lambda: _measure_rows.audiences(deployment),
        "cycles": lambda: _plan_rows.cycles(deployment),
        "sources": lambda: _measure_rows.sources(deployment),
        "decisions": lambda: _plan_rows.decisions(deployment),
    }
    return {f"declared_{kind}": [_whole(kind, row) for row in rows()] for kind, rows in made.items()}


def _whole(kind: str, row: Row) -> Row:
    """Give a row every column of its kind, in order; a column that does not exist is a mistake of ours."""
    columns = DECLARED[f"declared_{kind}"]
    if stray := set(row) - set(columns):
        raise KeyError(f"declared_{kind} has no column {', '.join(sorted(stray))}")
    return {column: row.get(column) for column in columns}
