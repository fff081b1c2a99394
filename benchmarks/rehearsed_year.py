"""Say what a rehearsed Riverbend year told: ``python -m benchmarks.rehearsed_year STATE``.

Reads the journal of a state root that has seen the year (a demo, or collected and built) and sets the alerts that began
beside the changes planted in the demo's world: told of or not, in which period, on which night, to whom; and all that
was told of what was not planted. Nothing is run.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from aimline.context import Context, open_context
from aimline.demo.truth import drifts

PLANTED_AS = {
    "absence rises": ("attendance_rate", "chronic_absence"),
    "belonging falls": ("belonging",),
    "lessons too few": ("sel_lessons",),
}
"""A planted change -> the indicators that can tell of it."""

_BEGINS = frozenset({"new", "reopened"})

Row = Mapping[str, Any]


def told_of(planted: Mapping[str, str], begun: Sequence[Row]) -> list[Row]:
    """Return the alerts for the worse that began at or after a planted change, in its school and indicators."""
    return [
        row
        for row in begun
        if row["unit_id"] == planted["school"]
        and row["indicator_id"] in PLANTED_AS.get(planted["what"], ())
        and str(row["period_on"]) >= planted["from"]
        and row["kind"] in {"concern", "off_path", "peer"}
    ]


def line_of(row: Row, whom: Mapping[str, str]) -> str:
    """Write one alert as a line."""
    told = f"{row['kind']:<11} {row['indicator_id']:<18} {row['unit_id']:<9} {row['group_id']:<8}"
    return (
        f"{told} period to {row['period_on']}  night {row['as_of']}  {whom.get(row['alert_id'], 'listed, not pushed')}"
    )


def recipients(context: Context) -> dict[str, str]:
    """Return to how many recipients of which channels each alert was sent."""
    found: dict[str, Counter[str]] = {}
    alerts = {row["event_id"]: row["alert_id"] for row in context.journal.alert_events()}
    for row in context.journal.deliveries():
        if row["state"] == "sent" and row["event_id"] in alerts:
            found.setdefault(alerts[row["event_id"]], Counter())[str(row["channel"])] += 1
    return {name: ", ".join(f"{channel} x{n}" for channel, n in sorted(each.items())) for name, each in found.items()}


def report(context: Context) -> list[str]:
    """Return the lines: each planted change, then what was told beside them."""
    events = context.journal.alert_events()
    begun = [row for row in events if row["event_type"] in _BEGINS]
    whom = recipients(context)
    units = {row["unit_id"] for row in events}
    lines, known = ["planted:"], set()
    for planted in drifts():
        found = told_of(planted, begun)
        known |= {row["event_id"] for row in found}
        seen = "" if found else "  NOT TOLD" if planted["school"] in units else "  no alert of this school at all"
        lines.append(f"  {planted['what']:<16} {planted['school']} from {planted['from']}{seen}")
        lines += [f"      {line_of(row, whom)}" for row in found]
    rest = [row for row in begun if row["event_id"] not in known]
    lines.append(f"not planted: {len(rest)} of {len(begun)}")
    lines += [
        f"      {line_of(row, whom)}" for row in sorted(rest, key=lambda row: (row["kind"], str(row["period_on"])))
    ]
    return lines


def main(words: list[str]) -> None:
    """Print the report of a state root."""
    context = open_context("deployments/riverbend", as_of=date(2027, 6, 1), state=words[0])
    print("\n".join(report(context)))


if __name__ == "__main__":
    main(sys.argv[1:])
