"""Pull from a server that is asked over HTTP, keep what it brought, read it. Part of ``_collecting``."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.arrival import BUILT_IN_DROPS, Bench, Landed, Landing, land, landed, meaning
from aimline.commands._history import History, Place, place_of
from aimline.commands._reading import Run, Told, delivery_of, expectation_of, judged, tell
from aimline.context import Context
from aimline.journal import Event
from aimline.sources.pulled import Asked, open_pulled

if TYPE_CHECKING:
    from schemas.sources import Source

NAME = "{}.jsonl.gz"


@dataclass(frozen=True)
class _Door:
    """Makes pseudonyms and drops fields, as the source declares."""

    bench: Bench
    source: "Source"

    @cached_property
    def _patterns(self) -> tuple[str, ...]:
        return tuple(each.lower() for each in (*BUILT_IN_DROPS, *self.source.drop))

    def key(self, kind: str, raw: str) -> str:
        """Return the pseudonym of an id."""
        return self.bench.pseudonyms.of(kind, raw, self.source.id_rule.get(kind, "strip_leading_zeros"))

    def drops(self, name: str) -> bool:
        """Say whether a field of that name ends here."""
        return any(fnmatchcase(name.lower(), pattern) for pattern in self._patterns)


@dataclass(frozen=True)
class News:
    """What one pull brought: name -> what is kept, and the event of the cursor."""

    parts: Mapping[str, Landed]
    saved: Event


def pull(context: Context, bench: Bench, history: History, source: "Source") -> News:
    """Pull what has changed at a source and keep it; nothing is told yet.

    Raises:
        SourceError: The server cannot be asked.
        UsageError: There is no key for pseudonyms.
    """
    cursor, clock = history.cursors.get(source.source_id, {}), context.clock
    asked = Asked(
        as_of=clock.as_of,
        cursor=cursor.get("cursor", {}),
        before={name: _path(context, source, digest) for name, digest in cursor.get("landed", {}).items()},
        accepted=_accepted(context, history, source),
        to=bench.work,
        door=_Door(bench, source),
        school_years=bench.first_days,
    )
    found = open_pulled(source).pull(asked)
    facts = meaning(source, {}, clock.instant())
    parts = {}
    for part in found.parts:
        name = NAME.format(part.name)
        told = (source.source_id, name, facts, clock.instant(), clock.as_of, context.run_id)
        parts[name] = land(context.store, part.path, Landing(*told))
    digests = {name.removesuffix(NAME.format("")): kept.sha256 for name, kept in parts.items()}
    digests = {name: digest for name, digest in digests.items() if name not in found.held}
    payload = {
        "source_id": source.source_id,
        "cursor": dict(found.cursor),
        "landed": {**cursor.get("landed", {}), **digests},
    }
    return News(parts, _saved(context, source, payload, cursor))


def _saved(context: Context, source: "Source", payload: Mapping[str, Any], before: Mapping[str, Any]) -> Event:
    """Return the event of a cursor; one that says what the last one said is no new event."""
    number = before.get("number", 0) + (before.get("cursor") != payload["cursor"])
    text = json.dumps({**payload, "number": number}, sort_keys=True)
    key = f"cursor_saved:{source.source_id}:{number}:{sha256(text.encode()).hexdigest()[:16]}"
    told = {**payload, "number": number}
    return Event("cursor_saved", source.source_id, context.clock.as_of, key, told, context.run_id)


def _accepted(context: Context, history: History, source: "Source") -> dict[str, Path]:
    """Return part -> what was kept of it when it was accepted last."""
    found = {}
    for told in history.accepted.get(source.source_id, ()):
        name = history.names.get((source.source_id, told["sha256"], json.dumps(told["facts"], sort_keys=True)))
        if name:
            found[name.removesuffix(NAME.format(""))] = _path(context, source, told["sha256"])
    return {name: path for name, path in found.items() if path.exists()}


def _path(context: Context, source: "Source", digest: str) -> Path:
    facts = meaning(source, {}, context.clock.instant())
    return landed(context.store, source.source_id, digest, facts).path


def receive_pulled(run: Run, source: "Source") -> list[Mapping[str, Any]]:
    """Pull what has changed at a server and read it; all of it and the cursor are told at once, or nothing."""
    run.watch(source.source_id)
    context, clock = run.context, run.context.clock
    news = pull(context, run.bench, run.history, source)
    expectation = expectation_of(run, source, {}, clock.instant())
    facts = meaning(source, {}, clock.instant())
    events: list[Event] = []
    batches: list[Mapping[str, Any]] = []
    for name, kept in news.parts.items():
        if run.history.batches.get(place_of(source.source_id, kept.sha256, facts)):
            continue  # it is held, and the server says the same again
        payload: dict[str, Any] = {"source_id": source.source_id, "name": name, "sha256": kept.sha256, "facts": facts}
        payload |= {"n_bytes": kept.n_bytes, "outcome": "landed", "expected_on": expectation}
        key = f"received:{source.source_id}:{name}:{kept.sha256}"
        events.append(Event("received", kept.sha256, clock.as_of, key, payload, context.run_id))
        batches += judged(run, events, delivery_of(source, name, kept, {}), Told(expectation))
    if expectation and not events and (source.source_id, date.fromisoformat(expectation)) not in run.history.met:
        key = f"received:{source.source_id}:unchanged:{expectation}"
        payload = {"source_id": source.source_id, "name": "", "sha256": "", "facts": {}, "outcome": "unchanged"}
        payload |= {"n_bytes": 0, "expected_on": expectation}
        events.append(Event("received", source.source_id, clock.as_of, key, payload, context.run_id))
    tell(run, [*events, news.saved])
    return batches


def newest_places(run: Run, places: Iterable[Place]) -> list[Place]:
    """Return of each part of a pulled source the newest: it holds all that is known."""
    kept = {run.history.names[place]: place for place in run.history.batches if place in run.history.names}
    return [place for place in places if kept.get(run.history.names[place]) == place]
