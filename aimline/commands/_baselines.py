"""Tell where a declared baseline is not what its snapshot sealed: baselines are read from official figures alone."""

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from aimline.errors import Finding
    from aimline.journal import Event
    from aimline.settings import Judged
    from aimline.storage import LocalStore
    from schemas.indicators import Indicator

_SEALED = (
    "select value from read_parquet({path}) where unit_type = 'district' and group_id = 'all' "
    "and measure_id = $measure and profile_id = $profile and subject_id = $subject and estimator = $estimator "
    "and period_kind = $period and school_year = $year and value is not null "
    "order by period_ends_on desc, period_id desc limit 1"
)


def baseline_findings(judged: "Judged", state: str | None, day: "date") -> "list[Finding]":
    """Return where baselines and the snapshots they name differ; nothing without a state root that sealed any.

    Args:
        judged: The deployment as it was judged.
        state: The state root; the environment's or the default one when None.
        day: What was sealed later is not known yet.
    """
    from aimline.commands._dated import store_of

    loaded = judged.facts.indicators
    store = store_of(judged.as_read, state) if judged.as_read and loaded.shape else None
    if store is None or loaded.shape is None:
        return []
    from aimline.journal import open_journal
    from aimline.ledger.restate import SEALED

    journal = open_journal(store)
    sealed = {event.subject_id: event for event in journal.events(SEALED, until=day)}
    journal.close()
    return [
        loaded.finding(("indicators", number, "baseline", key), message, remedy, severity="warning", code="baseline")
        for number, indicator in enumerate(loaded.shape.indicators if sealed else ())
        for key, message, remedy in _differences(store, sealed, indicator)
    ]


def _differences(
    store: "LocalStore", sealed: "dict[str, Event]", indicator: "Indicator"
) -> Iterator[tuple[str, str, str]]:
    """Yield what is wrong with one baseline: its key, the words, the remedy."""
    told = indicator.baseline
    if told is None or told.snapshot is None:
        return
    if told.snapshot not in sealed:
        yield "snapshot", f"nothing is sealed as '{told.snapshot}'.", f"Sealed: {', '.join(sorted(sealed))}."
        return
    found = _official(store, sealed[told.snapshot], indicator)
    if found is None:
        message = f"'{told.snapshot}' holds no such figure of the district for {told.year}."
        yield "snapshot", message, "Name the snapshot that holds it, or leave snapshot out."
    elif abs(Fraction(found) - told.value) > indicator.smallest_change / 2:
        message = f"{float(told.value):g} is not what '{told.snapshot}' sealed: {found:.4g}."
        yield "value", message, f"Write {found:.4g}."


def _official(store: "LocalStore", event: "Event", indicator: "Indicator") -> float | None:
    """Return the district's last figure of the baseline's year in a snapshot."""
    from aimline.warehouse import connect, quote_literal

    path = quote_literal(str(store.path(event.payload["key"])))
    asked = {
        "measure": indicator.measure,
        "profile": indicator.profile,
        "subject": indicator.subject or "",
        "estimator": indicator.headline_estimator,
        "period": indicator.period,
        "year": indicator.baseline.year if indicator.baseline else None,
    }
    with connect(role="memory") as connection:
        rows = connection.rows(_SEALED.format(path=path), asked)
    return float(rows[0]["value"]) if rows else None
