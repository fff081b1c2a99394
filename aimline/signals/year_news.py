"""Turn the forecasts of years into what the state machine of alerts is told. Pure; the forecasts are ``outlooks``."""

from collections.abc import Iterator, Mapping
from typing import Any

from aimline.signals.episodes import Evaluation

Row = Mapping[str, Any]

AIM_LINE, FORECAST = "aim_line", "forecast"
"""By what a figure is judged: by its place beside the line, or by what its year may come to."""


def years_ahead(row: Row, outlook: Row, *, is_failing: bool) -> Iterator[Evaluation]:
    """Yield what an alert is told of a school's year: the month before, where it was asked, and the newest.

    Args:
        row: The newest figure of the school, judged by its year: a row of ``panel.EVALUATION_COLUMNS``.
        outlook: That year, a row of ``outlooks.OUTLOOK_COLUMNS``.
        is_failing: The limits of its chart lie on the wrong side of the target.
    """
    place = (row["unit_id"], row["indicator_id"], row["group_id"])
    kept = {"judged_by": FORECAST, "value_unit": row["value_unit"], "period_kind": "month"}
    kept |= {name: outlook[name] for name in ("median", "target")}
    if outlook["p_before"] is not None:
        chance = outlook["p_before"]
        yield Evaluation(*place, outlook["before_on"], chance, row["shortfall"], is_forecast=True, details=kept)
    rank = {"priority": row["priority"]} if row["priority"] is not None else {}
    details = kept | rank | ({"assurance": "consistent_fail"} if is_failing else {})
    judged = (outlook["period_on"], outlook["p_meet"], row["shortfall"])
    yield Evaluation(*place, *judged, is_failing=is_failing, is_forecast=True, details=details)
