"""Take one delivery in: from bytes that are kept to accepted rows, refused rows, and the account of both.

The order: guard, read, match headings, ignore, type, check, decide, write. The caller keeps the bytes before and tells
the journal after; until it does, nothing written here is seen by anybody, and doing it again writes the same bytes.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aimline.arrival import rows
from aimline.arrival.bench import Bench
from aimline.arrival.cells import Layout
from aimline.arrival.delivery import Delivery, Member, StoppedError
from aimline.arrival.guard import members
from aimline.arrival.headings import Matched, expected_headings, matched
from aimline.arrival.pseudonyms import KEY_ID
from aimline.arrival.records import Loaded, Reading, load
from aimline.arrival.written import used_facts, write_accepted, write_refused
from aimline.errors import TransformError
from schemas.faults import FAULTS
from schemas.fields import PSEUDONYMS

if TYPE_CHECKING:
    from schemas.sources import Source

_BALANCE = "received = accepted + quarantined + ignored"


@dataclass(frozen=True)
class Outcome:
    """What became of one member of a delivery: the account of its records.

    Attributes:
        batch_id: Named by bytes, declaration and contract.
        name: The delivery's name; of a member of an archive, with the member's.
        n_received: All records, headings included; None when nothing was read.
        n_rows: Rows written; a wide record makes several.
        quarantined: Code -> records refused under it, each under its first.
        ignored: Rule -> records that are no rows.
        reason: Why it is held; empty when it is accepted.
        reading: Digest of what the outcome depends on besides the bytes; ``references`` of the schools and days.
    """

    batch_id: str
    name: str
    slots: tuple[str, ...] = ()
    n_received: int | None = None
    n_accepted: int = 0
    n_rows: int = 0
    quarantined: Mapping[str, int] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    reason: str = ""
    detail: str = ""
    headings: str = ""
    reading: str = ""
    references: str = ""
    newest_on: date | None = None

    @property
    def n_quarantined(self) -> int:
        """Return the records refused."""
        return sum(self.quarantined.values())

    @property
    def n_ignored(self) -> int:
        """Return the records that are no rows."""
        return sum(self.ignored.values())

    def payload(self, delivery: Delivery) -> dict[str, Any]:
        """Return the account as the journal keeps it: ids, counts, codes, never a value."""
        source = delivery.source
        told: dict[str, Any] = {
            "batch_id": self.batch_id,
            "source_id": source.source_id,
            "entity": source.entity,
            "load_mode": source.load.mode,
            "slots": list(self.slots),
            "received_at": delivery.received_at.isoformat(),
            "name": self.name,
            "sha256": delivery.sha256,
            "facts": meaning(source, delivery.facts, delivery.received_at),
            "n_received": self.n_received,
            "n_accepted": self.n_accepted,
            "n_quarantined": self.n_quarantined,
            "n_ignored": self.n_ignored,
            "n_rows": self.n_rows,
            "quarantined": dict(self.quarantined),
            "ignored": dict(self.ignored),
            "notes": list(self.notes),
            "headings": self.headings,
            "reading": self.reading,
            "references": self.references,
        }
        if self.reason:
            told |= {"reason": self.reason, "detail": self.detail, "remedy": FAULTS[self.reason].remedy}
        return told


def take_in(bench: Bench, delivery: Delivery, *, headings_before: str = "") -> list[Outcome]:
    """Read a delivery and write what becomes of it.

    Args:
        bench: What it is read with.
        delivery: The delivery; its bytes are kept already.
        headings_before: Fingerprint of the headings of the source's last accepted delivery.

    Returns:
        One outcome a member; one for the whole when it could not be opened.

    Raises:
        UsageError: It is about people and there is no key for pseudonyms.
    """
    form = delivery.source.format
    try:
        found = members(delivery.path, form.archive, form.type, bench.work)
    except StoppedError as stop:
        return [_held(bench, delivery, Member("", delivery.path), stop)]
    outcomes = []
    for member in found:
        try:
            outcomes.append(_take_member(bench, delivery, member, headings_before))
        except StoppedError as stop:
            outcomes.append(_held(bench, delivery, member, stop))
        except TransformError as error:  # one odd file must not stop the others; the message names no value
            outcomes.append(_held(bench, delivery, member, StoppedError("records_unreadable", error.message)))
    return outcomes


def _take_member(bench: Bench, delivery: Delivery, member: Member, before: str) -> Outcome:
    source, items = delivery.source, bench.items(delivery.source)
    bench.know_schools()
    expected = expected_headings(source, items)
    loaded = load(member.path, Reading(source, expected, bench.connection, bench.work))
    match = matched(loaded.headings, expected, n_records=loaded.n_records, before=before)
    layout = Layout(
        source=source,
        place=match.place,
        facts=_facts(delivery.facts, delivery.received_at),
        zone=bench.deployment.district.time_zone,
        first_days=bench.first_days,
        placeholders=bench.placeholders(source),
    )
    named = dict(source.unpivot.columns if source.unpivot else ()) | items
    wide = rows.Wide(tuple(named.values()), tuple(match.place[heading] for heading in named))
    shaping = rows.Shaping(bench.connection, layout, bench.contracts[source.entity], wide, len(loaded.headings))
    has_people = any(column.name in PSEUDONYMS for column in source.columns)
    notes = rows.make_rows(shaping, loaded.ragged, bench.pseudonyms if has_people else None)
    return _decided(bench, delivery, member, _Read(loaded, match, shaping, tuple(notes)))


@dataclass(frozen=True)
class _Read:
    """One member as it was read."""

    loaded: Loaded
    match: Matched
    shaping: rows.Shaping
    notes: tuple[str, ...]


def _decided(bench: Bench, delivery: Delivery, member: Member, read: _Read) -> Outcome:
    """Count, decide, write."""
    connection, loaded = bench.connection, read.loaded
    ignored = Counter(loaded.ignored)
    ignored.update({row["rule"]: row["n"] for row in connection.rows(_IGNORED)})
    quarantined = {row["code"]: row["n"] for row in connection.rows(_REFUSED)}
    n_accepted = connection.rows(_ACCEPTED)[0]["n"]
    n_bad = sum(quarantined.values())
    if n_accepted + n_bad == 0:
        raise StoppedError("empty_file", n_records=loaded.n_records)
    if loaded.n_records != n_accepted + n_bad + sum(ignored.values()):
        raise StoppedError("conservation_broken", f"not balanced: {_BALANCE}", n_records=loaded.n_records)
    batch_id = _batch_id(bench, delivery, member)
    outcome = Outcome(
        batch_id=batch_id,
        name=_name(delivery, member),
        n_received=loaded.n_records,
        n_accepted=n_accepted,
        quarantined=quarantined,
        ignored=dict(ignored),
        notes=tuple(dict.fromkeys((*loaded.notes, *read.match.notes, *read.notes))),
        headings=read.match.fingerprint,
        reading=bench.reading(delivery.source),
        references=bench.references,
    )
    if n_bad:
        write_refused(bench, delivery.source.entity, batch_id, loaded.ragged)
    if n_bad > delivery.source.max_bad_rows * (n_accepted + n_bad):
        return _as_held(outcome)
    return write_accepted(bench, delivery, outcome, read.shaping.layout.facts)


_IGNORED = "select rule, count(*) as n from ignored group by rule order by rule"
_FIRST = "select row_no, first(code order by rowid) as code from bad group by row_no"
_REFUSED = f"select code, count(*) as n from ({_FIRST}) group by code order by code"
_ACCEPTED = "select count(*) as n from cells where row_no not in (select row_no from bad)"


def _as_held(outcome: Outcome) -> Outcome:
    """Hold a whole table because too much of it is bad: nothing of it is seen, all of it is accounted for."""
    total = outcome.n_accepted + outcome.n_quarantined
    codes = ", ".join(f"{code} {n:,}" for code, n in outcome.quarantined.items())
    others = {"too_many_bad_rows": outcome.n_accepted} if outcome.n_accepted else {}
    told = outcome.__dict__ | {
        "n_accepted": 0,
        "quarantined": {**outcome.quarantined, **others},
        "reason": "too_many_bad_rows",
        "detail": f"{outcome.n_quarantined:,} of {total:,} rows: {codes}",
    }
    return Outcome(**told)


def _held(bench: Bench, delivery: Delivery, member: Member, stop: StoppedError) -> Outcome:
    """Account for a member that is held as it is."""
    n_records = stop.n_records
    return Outcome(
        batch_id=_batch_id(bench, delivery, member),
        name=_name(delivery, member),
        n_received=n_records,
        quarantined={stop.fault.code: n_records} if n_records else {},
        reason=stop.fault.code,
        detail=stop.detail or stop.fault.meaning,
        reading=bench.reading(delivery.source),
        references=bench.references,
    )


def _name(delivery: Delivery, member: Member) -> str:
    return f"{delivery.name}/{member.name}" if member.name else delivery.name


def _batch_id(bench: Bench, delivery: Delivery, member: Member) -> str:
    source = delivery.source
    facts = json.dumps(meaning(source, delivery.facts, delivery.received_at), sort_keys=True)
    parts = (source.source_id, source.entity, delivery.sha256, member.name, facts)
    depends = (bench.reading(source), bench.references, KEY_ID)
    return sha256("\x1f".join((*parts, *depends)).encode()).hexdigest()[:16]


def meaning(source: "Source", facts: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Return what a delivery says by its name: equal bytes with an equal meaning are one delivery.

    Args:
        source: The declared source.
        facts: What the file pattern read from the name.
        at: When it came.
    """
    return used_facts(source, _facts(facts, at))


def _facts(facts: Mapping[str, str], at: datetime) -> dict[str, str]:
    """Return the facts of a name, with the school year of its date, or of the day it came."""
    on = facts.get("date", "")
    day = date.fromisoformat(on) if re.fullmatch(r"\d{4}-\d\d-\d\d", on) else at.date()
    return {"school_year": str(school_year_of(day)), **facts}


_FIRST_MONTH = 7


def school_year_of(day: date) -> int:
    """Return the school year a day belongs to, named by its spring; one year follows another on the first of July."""
    return day.year + (day.month >= _FIRST_MONTH)
