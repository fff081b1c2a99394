"""Say what a rehearsed year came to, from its newest release: what the command prints at the end of the demo."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aimline.ledger.releases import Release, current
from aimline.warehouse import open_release

if TYPE_CHECKING:
    from aimline.context import Context

READER = "engineering"
"""The audience whose rows are printed: it reads about the whole district."""

MOST = 8

_OFF_TRACK = (
    "select distinct indicator_no, indicator_label, unit_label, value_text, status from rpt_indicator_status "
    "where audience_id = $audience and group_id = 'all' and status = 'off track' and not is_suppressed "
    "order by indicator_no, unit_label"
)
_ALERTS = (
    "select distinct since_on, unit_label, sentence from rpt_alerts where audience_id = $audience "
    "order by since_on, unit_label, sentence"
)
_QUARANTINE = (
    "select reason, sum(n_rows) as n from rpt_quarantine where audience_id = $audience group by reason order by reason"
)


def results(context: "Context") -> Iterator[str]:
    """Yield the lines: what is off track, the alerts told, what was set aside."""
    release = current(context.store)
    if release is None:
        yield "Nothing is published yet."
        return
    off, alerts, refused = (_rows(release, sql) for sql in (_OFF_TRACK, _ALERTS, _QUARANTINE))
    yield f"off track on {release.as_of}:"
    yield from _listed(f"{row['indicator_label']}, {row['unit_label']}: {row['value_text']}" for row in off)
    yield "alerts told:"
    yield from _listed(str(row["sentence"]) for row in alerts)
    yield "set aside, with reason and remedy in aimline quarantine:"
    yield from _listed(f"{row['reason']}: {row['n']:,.0f} rows" for row in refused)


def _rows(release: Release, sql: str) -> list[dict[str, object]]:
    with open_release(release.snapshot) as connection:
        return connection.rows(sql, {"audience": READER})


def _listed(lines: Iterator[str]) -> Iterator[str]:
    """Indent lines, at most a few of them."""
    held = list(lines)
    yield from (f"  {line}" for line in held[:MOST] or ["nothing"])
    if len(held) > MOST:
        yield f"  and {len(held) - MOST} more"
