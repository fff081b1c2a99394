"""Take one delivery in: from bytes that are kept to accepted rows, refused rows, and the account of both.

The order: guard, read, match headings, ignore, type, check, decide, write. The caller keeps the bytes before and tells
the journal after; until it does, nothing written here is seen by anybody, and doing it again writes the same bytes.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from errno import ENOSPC
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from aimline.arrival import rows, tallies
from aimline.arrival.batch_checks import Hold, Judged
from aimline.arrival.bench import Bench
from aimline.arrival.cell_types import Layout
from aimline.arrival.delivery import Delivery, Member, StoppedError
from aimline.arrival.guard import members
from aimline.arrival.headings import expected_headings, matched
from aimline.arrival.looked_at import Read, changes_of, codes_gone, judge, judge_people, profile_of, profiles_before
from aimline.arrival.outcome import Outcome, facts_of, meaning
from aimline.arrival.prepared import load_prepared
from aimline.arrival.proposals import stop_for_gone
from aimline.arrival.pseudonyms import KEY_ID
from aimline.arrival.records import Reading, load
from aimline.arrival.unlisted import CODE, remedy_for
from aimline.arrival.windows import AFTER_SEAL, OUTSIDE, judge_seal, windows_told
from aimline.arrival.written import accepted_key, slots_of, write_accepted, write_profile, write_refused
from aimline.errors import TransformError
from schemas.faults import FAULTS
from schemas.faults import Outcome as Fate

if TYPE_CHECKING:
    from schemas.sources import Source

_NO_SPACE = "No space left on device"
_BALANCE = "received = accepted + quarantined + ignored"


def take_in(bench: Bench, delivery: Delivery, *, earlier: Sequence[Mapping[str, Any]] = ()) -> list[Outcome]:
    """Read a delivery and write what becomes of it.

    Args:
        bench: What it is read with.
        delivery: The delivery; its bytes are kept already.
        earlier: Accounts of the source's accepted deliveries as the journal keeps them, oldest first.

    Returns:
        One outcome a member; one for the whole when it could not be opened.

    Raises:
        UsageError: It is about people and there is no key for pseudonyms.
    """
    try:
        found = _members(bench, delivery)
    except StoppedError as stop:
        return [_held(bench, delivery, Member("", delivery.path), stop)]
    outcomes: list[Outcome] = []
    other_sheets: list[Outcome] = []
    for member in found:
        named = replace(member, name=_sheet_name(member)) if member.sheet and len(found) > 1 else member
        try:
            outcomes.append(_take_member(bench, delivery, named, earlier))
        except StoppedError as stop:
            is_other = bool(member.sheet) and stop.fault.code in {"column_removed", "empty_file"} and not stop.proposals
            (other_sheets if is_other else outcomes).append(_held(bench, delivery, named, stop))
        except TransformError as error:  # one odd file must not stop the others; the message names no value
            if _NO_SPACE in error.message:  # which says nothing of the file
                raise OSError(ENOSPC, _NO_SPACE) from None
            outcomes.append(_held(bench, delivery, named, StoppedError("records_unreadable", error.message)))
    return outcomes or other_sheets[:1]  # a sheet without the headings is another table, unless none has them


def _members(bench: Bench, delivery: Delivery) -> list[Member]:
    if delivery.prepared is not None:
        return [Member(delivery.prepared.name, delivery.path)]
    return members(delivery.path, delivery.source.format, delivery.name, bench.work)


def _sheet_name(member: Member) -> str:
    return "/".join(part for part in (member.name, member.sheet) if part)


def _take_member(bench: Bench, delivery: Delivery, member: Member, earlier: Sequence[Mapping[str, Any]]) -> Outcome:
    source, items = delivery.source, bench.items(delivery.source)
    bench.know_schools()
    earlier = _of_sheet(earlier, member.sheet)
    expected = expected_headings(source, items, bench.aliases(source))
    reading = Reading(source, expected, bench.connection, bench.work)
    loaded = load_prepared(delivery.prepared, reading) if delivery.prepared else load(member, reading)
    before = str(earlier[-1]["headings"]) if earlier else ""
    match = matched(loaded.headings, expected, n_records=loaded.n_records, before=before)
    if match.gone:
        stop_for_gone(bench, reading, (loaded, match), earlier)
    layout = Layout(
        source=source,
        place=match.place,
        facts=facts_of(delivery.facts, delivery.landed_at or delivery.received_at)
        | ({"sheet": member.sheet} if member.sheet else {})
        | bench.year_told(delivery, facts_of(delivery.facts, delivery.landed_at or delivery.received_at)),
        zone=source.format.zone or bench.deployment.district.time_zone,
        first_days=bench.first_days,
        placeholders=bench.placeholders(source),
    )
    wide = rows.wide_of(source, loaded.headings, match.place, items)
    shaping = rows.Shaping(bench.connection, layout, bench.contracts[source.entity], wide, len(loaded.headings))
    shaping = replace(shaping, judging=bench.judging(source), is_large=loaded.n_records > tallies.LARGE)
    made = rows.make_rows(shaping, loaded.bad, bench.naming(source))
    return _decided(bench, delivery, member, Read(loaded, match, expected, made, _alike(earlier, delivery)))


def _of_sheet(earlier: Sequence[Mapping[str, Any]], sheet: str) -> Sequence[Mapping[str, Any]]:
    """Return the earlier tables of the same sheet; all of them where none has its name."""
    same = [told for told in earlier if told.get("looked", {}).get("layout", {}).get("sheet", "") == sheet]
    return same or earlier


_OF_ITS_DAY = frozenset({"date", "school_year"})


def _alike(earlier: Sequence[Mapping[str, Any]], delivery: Delivery) -> tuple[Mapping[str, Any], ...]:
    """Return the earlier deliveries that are of the same kind: of the same window, whatever their day and year.

    The staff's list has no grades; that the students' had them says nothing of it.
    """
    own = {name: each for name, each in delivery.facts.items() if name not in _OF_ITS_DAY}

    def is_alike(told: Mapping[str, Any]) -> bool:
        return {name: own.get(name) for name in told["facts"] if name not in _OF_ITS_DAY} == {
            name: each for name, each in told["facts"].items() if name not in _OF_ITS_DAY
        }

    return tuple(told for told in earlier if is_alike(told))


def _decided(bench: Bench, delivery: Delivery, member: Member, read: Read) -> Outcome:
    """Count, judge, decide, write."""
    connection, loaded = bench.connection, read.loaded
    people = judge_people(bench, delivery.source)
    ignored = Counter(loaded.ignored)
    ignored.update({row["rule"]: row["n"] for row in connection.rows(_IGNORED)})
    quarantined = {row["code"]: row["n"] for row in connection.rows(_REFUSED)}
    n_accepted = connection.rows(_ACCEPTED)[0]["n"]
    n_bad = sum(quarantined.values())
    if loaded.n_records != n_accepted + n_bad + sum(ignored.values()):
        raise StoppedError("conservation_broken", f"not balanced: {_BALANCE}", n_records=loaded.n_records)
    if n_accepted + n_bad == 0 and not (ignored[OUTSIDE] or _may_be_empty(delivery)):
        raise StoppedError("empty_file", n_records=loaded.n_records)
    batch_id = _batch_id(bench, delivery, member)
    slots = slots_of(connection, delivery.source, read.facts)
    profile = profile_of(connection, delivery.source, read)
    found = judge(bench, delivery.source, read, slots)
    told = windows_told(connection, delivery.source.entity, read.facts, bench.judging(delivery.source).windows)
    may_be_sealed = any(each.slot in delivery.sealed for each in told)
    keys = [accepted_key(delivery.source.entity, each["batch_id"]) for each in read.earlier if may_be_sealed]
    seal = judge_seal(connection, delivery, told, [str(bench.store.path(key)) for key in keys])
    before = profiles_before(bench, delivery.source, read.earlier)
    gone = codes_gone(delivery.source, before, profile)
    found.holds = [*seal, *people.holds, *changes_of(before, profile), *found.holds, *gone]
    found.notes |= people.notes
    outcome = Outcome(
        batch_id=batch_id,
        name=_name(delivery, member),
        n_received=loaded.n_records,
        n_accepted=n_accepted,
        quarantined=quarantined,
        ignored=dict(ignored),
        notes=tuple(dict.fromkeys((*loaded.notes, *read.match.notes, *read.made.notes, *found.notes))),
        headings=read.match.fingerprint,
        reading=bench.reading(delivery.source),
        references=bench.references,
        looked=read.looked(connection, slots.sizes) | {"counts": _counted(delivery, found.notes)} | _unlisted(found),
        waived=tuple(sorted(bench.waived(delivery))),
        windows=tuple(each.slot for each in told),
        is_late=any(each.slot in delivery.closed for each in told),
    )
    if n_bad:
        write_refused(bench, delivery.source.entity, batch_id, loaded.ragged)
    holds = [*_cell_holds(outcome), *found.holds, *_same_hold(outcome), *_share_hold(delivery.source, outcome)]
    hold = _not_waived(holds, bench.waived(delivery))
    if hold is not None:
        others = tuple(each.code for each in holds if each.code not in outcome.notes)
        hold = _with_codes(hold, outcome, found, delivery.source)
        return _as_held(replace(outcome, notes=(*outcome.notes, *others)), hold)
    write_profile(bench, delivery.source.entity, batch_id, profile)
    return write_accepted(bench, delivery, replace(outcome, slots=slots.covered), read.facts)


def _unlisted(found: Judged) -> dict[str, str]:
    """Return which codes no list has, in words."""
    return {"unlisted": "; ".join(each.words for each in found.unlisted)} if found.unlisted else {}


def _with_codes(hold: Hold, outcome: Outcome, found: Judged, source: "Source") -> Hold:
    """Add to why a delivery is held which codes no list has, and where they are declared."""
    if not found.unlisted or hold.code not in {CODE, "too_many_bad_rows"}:
        return hold
    remedy = remedy_for(found.unlisted, source) if set(outcome.quarantined) == {CODE} else ""
    return replace(hold, detail=f"{hold.detail}; {_unlisted(found)['unlisted']}", remedy=remedy)


def _counted(delivery: Delivery, notes: Mapping[str, int]) -> dict[str, int]:
    """Return how often each finding holds, those a connector counted with them."""
    return dict(delivery.prepared.notes if delivery.prepared else {}) | dict(notes)


def _not_waived(holds: Sequence[Hold], waived: frozenset[str]) -> Hold | None:
    """Return the first hold that stands; what comes after a seal is never let in with everything else."""
    standing = (each for each in holds if each.code not in waived)
    return next((each for each in standing if "*" not in waived or each.code == AFTER_SEAL), None)


def _may_be_empty(delivery: Delivery) -> bool:
    """Say whether a heading without rows is a whole delivery."""
    rows = delivery.source.arrival.rows if delivery.source.arrival else None
    return bool(rows and rows.min == 0) or bool(delivery.prepared and delivery.prepared.is_state)


_OF_SCHOOLS = "roster_overlap_low"
"""Holds a delivery when it is true of all of it; of single schools, their rows alone are refused."""


def _cell_holds(outcome: Outcome) -> list[Hold]:
    """Return the faults of cells that hold a whole delivery: everything in it may be wrong in the same way."""
    held = (code for code in outcome.quarantined if FAULTS[code].outcome == Fate.HELD)
    holds = [code for code in held if code != _OF_SCHOOLS]
    return [Hold(code, f"{outcome.quarantined[code]:,} rows") for code in holds]


def _same_hold(outcome: Outcome) -> list[Hold]:
    """Name the fault where every row has the same: it says more than that there are too many bad rows."""
    if outcome.n_accepted or len(outcome.quarantined) != 1:
        return []
    return [Hold(code, f"{n:,} rows, all there are") for code, n in outcome.quarantined.items()]


def _share_hold(source: "Source", outcome: Outcome) -> list[Hold]:
    total = outcome.n_accepted + outcome.n_quarantined
    if outcome.n_quarantined <= source.max_bad_rows * total:
        return []
    codes = ", ".join(f"{code} {n:,}" for code, n in outcome.quarantined.items())
    return [Hold("too_many_bad_rows", f"{outcome.n_quarantined:,} of {total:,} rows: {codes}")]


_IGNORED = "select rule, count(*) as n from ignored group by rule order by rule"
_FIRST = "select row_no, first(code order by rowid) as code from bad group by row_no"
_REFUSED = f"select code, count(*) as n from ({_FIRST}) group by code order by code"
_ACCEPTED = "select count(*) as n from cells where row_no not in (select row_no from bad)"


def _as_held(outcome: Outcome, hold: Hold) -> Outcome:
    """Hold a whole table: nothing of it is seen, all of it is accounted for."""
    others = {hold.code: outcome.quarantined.get(hold.code, 0) + outcome.n_accepted} if outcome.n_accepted else {}
    return replace(
        outcome,
        n_accepted=0,
        quarantined={**outcome.quarantined, **others},
        reason=hold.code,
        detail=hold.detail,
        remedy=hold.remedy,
        proposals=hold.proposals,
    )


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
        proposals=stop.proposals,
        gone=stop.gone,
        waived=tuple(sorted(bench.waived(delivery))),
        reading=bench.reading(delivery.source),
        references=bench.references,
    )


def held(bench: Bench, delivery: Delivery, stop: StoppedError) -> Outcome:
    """Hold a delivery as it is, for what whoever opened it found."""
    return _held(bench, delivery, Member("", delivery.path), stop)


def counted(bench: Bench, delivery: Delivery) -> Outcome:
    """Account for a prepared table of which no row is taken; what is refused of it holds nothing else up.

    Raises:
        TransformError: Its account does not balance.
    """
    table = delivery.prepared
    assert table is not None  # noqa: S101 - only prepared tables are counted
    quarantined = Counter(table.refused.values())
    if table.n_records != quarantined.total() + sum(table.ignored.values()):
        raise TransformError(f"{table.name}: not balanced: {_BALANCE}")
    member = Member(table.name, delivery.path)
    return Outcome(
        batch_id=_batch_id(bench, delivery, member),
        name=_name(delivery, member),
        n_received=table.n_records,
        quarantined=dict(quarantined),
        ignored=dict(table.ignored),
        notes=tuple(table.notes),
        waived=tuple(sorted(bench.waived(delivery))),
        reading=bench.reading(delivery.source),
        references=bench.references,
    )


def _name(delivery: Delivery, member: Member) -> str:
    return f"{delivery.name}/{member.name}" if member.name else delivery.name


def _batch_id(bench: Bench, delivery: Delivery, member: Member) -> str:
    source = delivery.source
    facts = json.dumps(meaning(source, delivery.facts, delivery.landed_at or delivery.received_at), sort_keys=True)
    parts = (source.source_id, source.entity, delivery.sha256, member.name, facts)
    depends = (bench.reading(source), bench.references, KEY_ID, *sorted(bench.waived(delivery)))
    depends += (delivery.depends,) if delivery.depends else ()
    return sha256("\x1f".join((*parts, *depends)).encode()).hexdigest()[:16]
