"""Say what a rehearsed Riverbend year told, when and to whom: ``python -m benchmarks.rehearsed_year STATE``.

Runs the nights of the demo's year that the state root has not seen, one process and no server of flows, with a mail
server on this machine and a recipient for every school and for the office. Then it sets the alerts that began beside
the changes planted in the demo's world: told of or not, in which period, on which night, to whom; and all that was told
of what was not planted. A state root that has seen the year is only read. Minutes, not seconds.
"""

import os
import socket
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from email import message_from_bytes
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

from aimline.arrival import make_key_file
from aimline.commands.collection import collect
from aimline.commands.night import move_windows, record_done
from aimline.commands.reviews import record_decisions
from aimline.commands.years import record_years
from aimline.context import Context, open_context
from aimline.demo.people import chosen_schools
from aimline.demo.rehearsal import SEED, Span, nights, open_vendors, rehearse
from aimline.demo.staff import work
from aimline.demo.truth import drifts
from aimline.demo.world import WorldOptions
from aimline.ledger.releases import current
from aimline.storage import open_store
from aimline.transform import BuildRequest, build
from reports.alerting import tell
from reports.channels.email import SERVER
from reports.publishing import publish

DEPLOYMENT = "deployments/riverbend"
YEAR = Span(date(2026, 8, 19), date(2027, 5, 20), "due")
OFFICE = "office"

PLANTED_AS = {
    "absence rises": ("attendance_rate", "chronic_absence"),
    "belonging falls": ("belonging",),
    "lessons too few": ("sel_lessons",),
}
"""A planted change -> the indicators that can tell of it."""

ENDED_AS = {"lessons recover": "sel_lessons"}
"""A planted recovery -> the indicator whose alert ends by it."""

_BEGINS = frozenset({"new", "reopened"})

Row = Mapping[str, Any]


class Mailbox:
    """A mail server that keeps who got how many letters."""

    def __init__(self) -> None:
        """Begin empty."""
        self.letters: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take a letter."""
        self.letters.append(message_from_bytes(envelope.content))
        return "250 ok"


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    """Let a mail server listen on this machine, and name it to the mail channel."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    os.environ[SERVER] = f"smtp://127.0.0.1:{port}"
    try:
        yield box
    finally:
        controller.stop(no_assert=True)


def name_recipients(state: Path, options: WorldOptions) -> None:
    """Write who gets mail: the principal of each school, and the office, which reads of all."""
    lists = {
        "principal": [(f"principal-{each.school_id}", each.school_id) for each in chosen_schools(options.schools)],
        "engineering": [(OFFICE, "")],
    }
    for audience_id, people in lists.items():
        lines = ["recipient_id,email,unit_id", *(f"{who},{who}@riverbend.example,{unit}" for who, unit in people)]
        path = state / f"recipients/{audience_id}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def run_night(state: str, night: date) -> None:
    """Do what a night does, step by step, without a server of flows."""
    work(DEPLOYMENT, state, night)
    context = open_context(DEPLOYMENT, as_of=night, state=state)
    try:
        move_windows(context, arrivals_are_in=False)
        record_years(context)
        record_decisions(context)
        collect(context)
        build(BuildRequest(context.deployment.district.district_id, context.store, context.journal, context.clock))
        publish(context)
        tell(context)
        record_done(context)
    finally:
        context.journal.close()


def run_year(state: str, options: WorldOptions) -> int:
    """Run the nights after the release that stands; return how many letters arrived."""
    make_key_file("riverbend")
    store = open_store(Path(state))
    name_recipients(store.root, options)
    standing = current(store)
    since = standing.as_of if standing else None
    context = open_context(DEPLOYMENT, as_of=YEAR.first, state=state)
    chosen = [night for night in nights(context.deployment, YEAR) if since is None or night > since]
    context.journal.close()
    if not chosen:
        return 0
    with mail_server() as box:
        rehearse(chosen, lambda night: run_night(state, night), open_vendors(store, SEED, options), since)
        return len(box.letters)


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


def ended_of(planted: Mapping[str, str], events: Sequence[Row]) -> list[Row]:
    """Return the ends of alerts at or after a planted recovery, in its school and indicator."""
    return [
        row
        for row in events
        if row["unit_id"] == planted["school"]
        and row["indicator_id"] == ENDED_AS[planted["what"]]
        and row["event_type"] == "resolved"
        and str(row["period_on"]) >= planted["from"]
    ]


def line_of(row: Row, whom: Mapping[str, str]) -> str:
    """Write one alert as a line."""
    told = f"{row['kind']:<11} {row['indicator_id']:<18} {row['unit_id']:<9} {row['group_id']:<8}"
    return f"{told} period to {row['period_on']}  night {row['as_of']}  {whom.get(row['event_id'], 'listed, not sent')}"


def recipients(context: Context) -> dict[str, str]:
    """Return who was told of each event that began an alert, by what, and who was not and why."""
    newest = {(row["event_id"], row["recipient"], row["channel"]): row for row in context.journal.deliveries()}
    found: dict[str, dict[str, list[str]]] = {}
    for (event_id, who, channel), row in newest.items():
        name = f"{who} by {channel}" if row["state"] in {"sent", "filed"} else f"{who} {row['state']}"
        found.setdefault(event_id, {}).setdefault(row["state"], []).append(name)
    return {
        event_id: "told " + ", ".join(sorted({name for names in states.values() for name in names}))
        for event_id, states in found.items()
    }


def budget_lines(context: Context) -> Iterator[str]:
    """Yield how many messages each recipient got, and the most in one week."""
    days: dict[tuple[str, str], set[date]] = {}
    for row in context.journal.deliveries():
        message = str(row["message_id"] or "").split("|")
        if row["state"] in {"sent", "filed"} and message[0] == "push":
            days.setdefault((row["channel"], row["recipient"]), set()).add(date.fromisoformat(message[1]))
    for (channel, who), each in sorted(days.items()):
        most = max(Counter(day.isocalendar()[:2] for day in each).values())
        yield f"  {who:<16} {channel:<19} {len(each)} messages, at most {most} a week"


def report(context: Context) -> list[str]:
    """Return the lines: each planted change, what was told beside them, and how many messages each recipient got."""
    events = context.journal.alert_events()
    begun = [row for row in events if row["event_type"] in _BEGINS]
    whom = recipients(context)
    units = {row["unit_id"] for row in events}
    lines, known = ["planted:"], set()
    for planted in drifts():
        found = ended_of(planted, events) if planted["what"] in ENDED_AS else told_of(planted, begun)
        known |= {row["event_id"] for row in found}
        seen = "" if found else "  NOT TOLD" if planted["school"] in units else "  no alert of this school at all"
        lines.append(f"  {planted['what']:<16} {planted['school']} from {planted['from']}{seen}")
        lines += [f"      {line_of(row, whom)}" for row in found]
    rest = [row for row in begun if row["event_id"] not in known]
    lines.append(f"not planted: {len(rest)} of {len(begun)}")
    lines += [
        f"      {line_of(row, whom)}" for row in sorted(rest, key=lambda row: (row["kind"], str(row["period_on"])))
    ]
    return [*lines, "messages:", *budget_lines(context)]


def main(words: list[str]) -> None:
    """Run what is left of the year, and print the report."""
    sizes = [int(word) for word in words[1:]]
    options = WorldOptions(*sizes) if sizes else WorldOptions()
    letters = run_year(words[0], options)
    print(f"{letters} letters arrived in this run")
    context = open_context(DEPLOYMENT, as_of=YEAR.last, state=words[0])
    print("\n".join(report(context)))
    context.journal.close()


if __name__ == "__main__":
    main(sys.argv[1:])
