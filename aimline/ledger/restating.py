"""Say of every official figure that is another now which inputs changed it, and by how much each.

One figure between two days is told by ``restate``; here all figures of a snapshot are told by one set of replays, and
what was told is kept in the journal, so that pages can say it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import pairwise
from typing import Any

from aimline.journal import Event, Journal
from aimline.ledger.asof import built_key
from aimline.ledger.restate import CODE, ORDER, SEALED, Cause, Counts
from aimline.storage import LocalStore
from aimline.transform import Span, code_version, replays
from aimline.warehouse import Connection, connect
from schemas.published import FIGURE_KEY, figure_id

TOLD = "figures_restated"
"""The event of a snapshot's figures whose causes were told."""

_KEY = ", ".join(FIGURE_KEY)
_RESTATED = (
    f"select snapshot_id, {_KEY}, old_numerator, old_denominator, new_numerator, new_denominator "
    "from fct_restatements where group_id = 'all' and old_numerator is not null and new_numerator is not null "
    f"qualify row_number() over (partition by {_KEY} order by sealed_on desc, snapshot_id desc) = 1 "
    f"order by {_KEY}"
)
_FIGURES = (
    f"select {_KEY}, numerator, denominator from fct_measures where group_id = 'all' and list_contains($years, "
    "school_year)"
)


@dataclass(frozen=True)
class Restatement:
    """An official figure, what it is now, and the causes whose changes add up to the whole change."""

    snapshot_id: str
    figure_id: str
    key: Mapping[str, Any]
    official: Counts
    now: Counts
    causes: tuple[Cause, ...]

    @property
    def words(self) -> str:
        """Name the causes."""
        return ", ".join(each.cause for each in self.causes)


@dataclass(frozen=True)
class Of:
    """The district whose figures are told, and its zone."""

    district_id: str
    zone: str


def restatements(store: LocalStore, journal: Journal, of: Of) -> list[Restatement]:
    """Tell the causes of every official figure of the newest build that is another now; groups of students not."""
    return list(_restatements(store, journal, of, _now(store, journal)))


def tell(store: LocalStore, journal: Journal, of: Of, at: datetime) -> int:
    """Tell and keep the causes of official figures, where they were not told yet of what the figures are now.

    Telling takes about the time of a whole build; where everything is told it takes one question.

    Returns:
        How many figures were told.
    """
    now, told = _now(store, journal), _parts_told(journal.events(TOLD))
    untold = {row["snapshot_id"] for row in now.rows if told.get((row["snapshot_id"], _figure(row))) != _change(row)}
    rows = [row for row in now.rows if row["snapshot_id"] in untold]
    found = list(_restatements(store, journal, of, replace(now, rows=rows)))
    return keep(journal, found, now.as_of, at) if found else 0


@dataclass(frozen=True)
class _Now:
    """Official figures that are others in the newest build, and the day it knows of."""

    rows: list[dict[str, Any]]
    as_of: date


def _now(store: LocalStore, journal: Journal) -> _Now:
    with connect(store.path(built_key(store, journal, None)), role="build", read_only=True) as connection:
        [through] = connection.rows("select as_of from landed.through")
        return _Now(connection.rows(_RESTATED), through["as_of"])


def _parts_told(events: Iterable[Event]) -> dict[tuple[str, str], tuple[Decimal, Decimal]]:
    """Return, by snapshot and figure, the change of numerator and denominator whose causes were told last."""
    return {
        (event.subject_id, figure["figure_id"]): (
            sum((Decimal(part["numerator"]) for part in figure["parts"]), Decimal(0)),
            sum((Decimal(part["denominator"]) for part in figure["parts"]), Decimal(0)),
        )
        for event in events
        for figure in event.payload["figures"]
    }


def _change(row: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    """Return by how much numerator and denominator of an official figure changed."""
    return row["new_numerator"] - row["old_numerator"], row["new_denominator"] - row["old_denominator"]


def _restatements(store: LocalStore, journal: Journal, of: Of, now: _Now) -> Iterator[Restatement]:
    """Yield restated figures with their causes, by one set of replays for each snapshot."""
    key = built_key(store, journal, None)
    for event in journal.events(SEALED):
        mine = [row for row in now.rows if row["snapshot_id"] == event.subject_id]
        if mine and event.as_of < now.as_of:
            span = Span(of.district_id, of.zone, event.as_of, now.as_of, key)
            stages = _stages(store, journal, span, (mine, _is_of_this_code(journal, event)))
            yield from (_restatement(row, stages) for row in mine)


def _is_of_this_code(journal: Journal, sealed: Event) -> bool:
    """Say whether what was sealed was made by the code of now: then it is what the last stage would come to."""
    made = [event.payload for event in journal.events("build_finished", until=sealed.as_of)]
    return any(
        (each["build_id"], each["code_version"]) == (sealed.payload["build_id"], code_version()) for each in made
    )


def _stages(
    store: LocalStore, journal: Journal, span: Span, wanted: tuple[list[dict[str, Any]], bool]
) -> list[tuple[str, dict[str, Counts]]]:
    """Return the figures at each stage, from now back to the day of the seal, which the seal may tell itself."""
    rows, is_known = wanted
    years, names = sorted({row["school_year"] for row in rows}), {_figure(row) for row in rows}
    stages = replays(store, journal, span, to_first=not is_known)
    return [(cause, _figures(held, years, names)) for cause, held in stages]


def _figures(connection: Connection, years: list[int], wanted: set[str]) -> dict[str, Counts]:
    rows = ((_figure(row), row) for row in connection.rows(_FIGURES, {"years": years}))
    return {name: Counts(row["numerator"], row["denominator"]) for name, row in rows if name in wanted}


def _figure(row: Mapping[str, Any]) -> str:
    return figure_id(row[name] for name in FIGURE_KEY)


def _restatement(row: Mapping[str, Any], stages: list[tuple[str, dict[str, Counts]]]) -> Restatement:
    name, nothing = _figure(row), Counts(None, None)
    official = Counts(row["old_numerator"], row["old_denominator"])
    now = Counts(row["new_numerator"], row["new_denominator"])
    steps = [(cause, figures.get(name, nothing)) for cause, figures in stages]
    causes = list(_causes([*steps, ("", official)]))
    told = tuple(sorted(causes, key=lambda each: ORDER.index(each.cause)))
    return Restatement(row["snapshot_id"], name, {each: row[each] for each in FIGURE_KEY}, official, now, told)


def _causes(steps: list[tuple[str, Counts]]) -> Iterator[Cause]:
    """Yield what each class changed; what the code of now makes of the inputs of then differs by the code."""
    for (cause, after), (_, before) in pairwise(steps):
        made = Cause(cause or CODE, before, after)
        if any(made.changes):
            yield made


def keep(journal: Journal, found: list[Restatement], as_of: date, at: datetime) -> int:
    """Write down what was told, a snapshot an event; told again, it is the same event.

    Returns:
        How many figures were told.
    """
    events = []
    for snapshot_id in dict.fromkeys(each.snapshot_id for each in found):
        figures = [_told(each) for each in found if each.snapshot_id == snapshot_id]
        digest = sha256(repr(figures).encode()).hexdigest()[:16]
        payload = {"snapshot_id": snapshot_id, "figures": figures}
        events.append(Event(TOLD, snapshot_id, as_of, f"{TOLD}|{snapshot_id}|{digest}", payload))
    journal.append(events, at=at)
    return len(found)


def _told(each: Restatement) -> dict[str, Any]:
    parts = [
        {"cause": cause.cause, "numerator": str(cause.changes[0]), "denominator": str(cause.changes[1])}
        for cause in each.causes
    ]
    return {"figure_id": each.figure_id, "causes": each.words, "parts": parts}
