"""Work out what a deployment declares for collection: rows to land, days that count, deliveries to expect."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aimline.arrival import DeclaredRows

if TYPE_CHECKING:
    from aimline.schedule import Arrival
    from aimline.settings import Deployment


@dataclass(frozen=True)
class Facts:
    """What a deployment declares, worked out: its rows, the days that count, what is expected of each source."""

    rows: Mapping[str, DeclaredRows]
    school_days: Mapping[date, bool]
    expected: Mapping[str, Sequence["Arrival"]]


_worked_out: dict[str, Facts] = {}


def facts_of(deployment: "Deployment") -> Facts:
    """Work out what a deployment declares, once a process for the same files: every night of a rehearsal asks."""
    if deployment.digest not in _worked_out:
        _worked_out.clear()
        _worked_out[deployment.digest] = _work_out(deployment)
    return _worked_out[deployment.digest]


def _work_out(deployment: "Deployment") -> Facts:
    from aimline import schedule
    from aimline.settings import declared_rows

    dates = schedule.resolve_dates(deployment)
    calendar = schedule.calendar_rows(deployment)
    rows = declared_rows(deployment, dates) | {"calendar_days": calendar}
    rows["declared_obligations"] = schedule.obligation_rows(deployment, dates)
    days: dict[date, bool] = {}
    for row in calendar:
        days[row["on_date"]] = days.get(row["on_date"], False) or row["is_instructional"]
    expected: dict[str, list[Arrival]] = {}
    for arrival in schedule.arrivals_of(deployment):
        expected.setdefault(arrival.source_id, []).append(arrival)
    return Facts({entity: DeclaredRows(each) for entity, each in rows.items()}, days, expected)
