"""Write and send the digest of alerts: once a week, for each reader, what their own pages show and nothing else."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from aimline.context import Context
from aimline.ledger.releases import Release
from aimline.signals import AlertState, expected_false, fold_states, key_of, priorities
from aimline.warehouse import open_release
from reports.alert_texts import alert_text, day_words, site_title, speaking_to
from reports.channels import DeliveryReport, Message, Telling, notify
from reports.context import read_table
from reports.language import say_plain
from schemas.audiences import Alerts, Audience

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = timedelta(days=7)
_FOR_THE_BETTER = frozenset({"improvement"})
_OPEN = ("new", "ongoing", "acknowledged")


@dataclass(frozen=True)
class Digest:
    """The digest of one reader."""

    audience_id: str
    unit_id: str
    n_alerts: int
    message: Message


def send_digests(context: Context, release: Release) -> Iterator[DeliveryReport]:
    """Send the digests whose weekday it is, each once."""
    weekday = DAYS[context.clock.as_of.weekday()]
    for audience in context.deployment.audiences.audiences:
        if audience.alerts is not None and audience.alerts.digest == weekday:
            yield from send_digest(context, release, audience)


def send_digest(context: Context, release: Release, audience: Audience) -> Iterator[DeliveryReport]:
    """Send the digest of an audience by the channels of its alerts."""
    rules = audience.alerts
    digests = [
        each for each in digests_of(context, release, audience) if each.n_alerts or (rules and rules.digest_empty)
    ]
    tellings = [Telling(each.audience_id, each.unit_id, each.message) for each in digests]
    for channel in audience.channels:
        if tellings and rules and channel.id in rules.channels and channel.kind == "email":
            yield notify(context, channel, tellings)


def digests_of(context: Context, release: Release, audience: Audience) -> list[Digest]:
    """Write the digests of an audience, one a unit whose readers have an edition."""
    as_of = context.clock.as_of
    events = [row for row in context.journal.alert_events() if row["as_of"] <= as_of.isoformat()]
    book = _Book(as_of, events, fold_states(events, as_of), _held_back(context))
    editions: Sequence[Mapping[str, Any]] = release.manifest["site"]["editions"]
    found = []
    with open_release(release.snapshot) as connection:
        for edition in editions:
            if edition["edition"].partition("/")[0] != audience.audience_id:
                continue
            unit_id = edition["unit_id"]
            rows = read_table(connection, "rpt_alerts", audience.audience_id, unit_id)
            mine = [row for row in rows if is_told(context, row, unit_id, audience.alerts)]
            with speaking_to(context.deployment, audience):
                text, n = book.text(mine)
                title = site_title(context.deployment.audiences.site.title)
                subject = say_plain("{title}: alerts of the week", title=title)
            name = f"digest|{audience.audience_id}|{unit_id}|{as_of}"
            found.append(Digest(audience.audience_id, unit_id, n, Message(name, subject, text)))
    return found


def is_told(context: Context, row: Any, unit_id: str, rules: Alerts | None) -> bool:
    """Say whether the readers of a unit are told of an alert they see: it is of their scope, or of the district."""
    if rules is None or rules.scope == "district" or row.kind == "district" or row.unit_id == unit_id:
        return True
    if row.kind == "sudden" and row.unit_id == context.deployment.district.district_id:
        return True
    clusters = context.deployment.district.clusters if rules.scope == "cluster" else ()
    return any(unit_id in each.schools and row.unit_id in each.schools for each in clusters)


def _held_back(context: Context) -> frozenset[str]:
    """Return the events that were over a budget this week."""
    return frozenset(row["event_id"] for row in context.journal.deliveries() if row["state"] == "over_budget")


@dataclass(frozen=True)
class _Book:
    """The alerts as of a day, and what happened to them within the week."""

    as_of: date
    events: Sequence[Mapping[str, Any]]
    states: Mapping[Any, AlertState]
    held_back: frozenset[str]

    def text(self, rows: Sequence[Any]) -> tuple[str, int]:
        """Write what a reader may see of the alerts, and count it."""
        shown = {row.alert_id: row for row in rows}
        keys = {row["alert_id"]: key_of(row) for row in self.events}
        recent = [row for row in self.events if row["as_of"] > (self.as_of - _WEEK).isoformat()]
        by_word: dict[str, list[str]] = {}
        for event in recent:
            by_word.setdefault(event["event_type"], []).append(event["alert_id"])
        still = [name for name in shown if name in keys and self.states[keys[name]].state in _OPEN]
        better = [name for name in still if keys[name][3] in _FOR_THE_BETTER]
        worse = [name for name in still if name not in better]
        muted = [name for name in worse if self.states[keys[name]].is_muted(self.as_of)]
        grown = [name for name in worse if name in by_word.get("worsened", ()) and name not in muted]
        begun = [name for name in worse if name in by_word.get("new", ()) and name not in (*grown, *muted)]
        parts = (
            (say_plain("Worsened"), grown),
            (say_plain("New"), begun),
            (say_plain("Still there"), [name for name in worse if name not in (*begun, *grown, *muted)]),
            (say_plain("For the better"), better),
            (
                say_plain("Over"),
                [name for name in shown if name in (*by_word.get("resolved", ()), *by_word.get("expired", ()))],
            ),
            (say_plain("Corrected by late data"), [name for name in shown if name in by_word.get("revised", ())]),
            (say_plain("Muted"), muted),
        )
        lines = [
            say_plain(
                "Alerts of the week up to {day}. They were read from what your pages show.", day=day_words(self.as_of)
            )
        ]
        for heading, names in parts:
            if names:
                told = (self._line(shown[name], self.states[keys[name]]) for name in self._ranked(names))
                lines += ["", f"{heading} ({len(names)})", *told]
        quiet = {event["alert_id"] for event in recent if event["event_id"] in self.held_back} & set(shown)
        if quiet:
            lines += ["", say_plain("Not told by themselves, as the week's messages were used up: {n}.", n=len(quiet))]
        if begun:
            false = expected_false(self.events, begun)
            lines += ["", say_plain("Of those that are new, about {n} are false, on average.", n=false)]
        n = len({name for _, names in parts for name in names})
        return "\n".join(lines if n else [*lines, "", say_plain("There was none.")]), n

    def _ranked(self, names: Iterable[str]) -> list[str]:
        rank = priorities(self.events)
        return sorted(names, key=lambda name: (-rank[name], name))

    def _line(self, row: Any, state: AlertState) -> str:
        weeks = (self.as_of - row.since_on).days // 7
        parts = [f"- {alert_text(row)}"]
        if weeks and state.is_open:
            age = say_plain("({n} week)", n=weeks) if weeks == 1 else say_plain("({n} weeks)", n=weeks)
            parts.append(age)
        if state.state == "acknowledged" and state.due_on:
            parts.append(say_plain("Taken on until {day}.", day=day_words(state.due_on)))
        if state.overdue_on and state.overdue_on == state.due_on:
            parts.append(say_plain("This day has passed."))
        return " ".join(parts)
