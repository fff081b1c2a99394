"""Take in deliveries of the kinds that hold several tables: the connector says what they are, arrival reads them.

A delivery of any other kind is read as it is. Part of ``_collecting``, which tells the journal.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.arrival import (
    Bench,
    Delivery,
    Outcome,
    StoppedError,
    accepted_key,
    book_of,
    check_size,
    counted,
    grids_of,
    held,
    rows_of,
    school_year_of,
    take_in,
)
from aimline.commands._forms import declared_form, rooms_of
from aimline.sources.edfi_shapes import table_of as records_of
from aimline.sources.http_json import table_of as records_at
from aimline.sources.oneroster import Asked, tables_of
from aimline.sources.oneroster_files import Opened, opened
from aimline.sources.pulled import read_part
from aimline.sources.qualtrics_rows import table_of as responses_of
from aimline.sources.redcap_rows import table_of as records_in
from aimline.sources.sds import as_oneroster
from aimline.sources.spss import read_sav
from aimline.sources.spss import table_of as values_of
from aimline.sources.tables import Grid, Stop, Table
from aimline.sources.template_files import filled_csv, filled_workbook
from aimline.sources.template_rows import table_of as read_back
from aimline.sources.template_sheet import Expected
from schemas.source_tables import Column, Unpivot
from schemas.sources import Load

if TYPE_CHECKING:
    from aimline.commands._history import History
    from schemas.instruments import InstrumentFile
    from schemas.sources import Source

Taken = tuple[Outcome, Delivery]
"""What became of a table, and the delivery it was read from."""


@dataclass(frozen=True)
class Before:
    """What came before a delivery: accounts of what was accepted, and everything the source brought, oldest first."""

    accepted: Sequence[Mapping[str, Any]] = ()
    chain: Callable[[], Sequence[tuple[str, Path]]] = tuple


def take(bench: Bench, delivery: Delivery, before: Before) -> list[Taken]:
    """Take in a delivery of any kind."""
    reader = _READERS.get(delivery.source.kind)
    if reader is None:
        return [(outcome, delivery) for outcome in take_in(bench, delivery, earlier=before.accepted)]
    bench.reading(delivery.source)  # what is declared decides, not what a connector makes of it
    try:
        made, depends = reader(bench, delivery, before)
    except StoppedError as stop:
        return [(held(bench, delivery, stop), delivery)]
    if isinstance(made, Stop):
        stopped = StoppedError(made.code, made.detail, n_records=made.n_records)
        of = delivery.source.model_copy(update={"entity": made.entity or delivery.source.entity})
        part = replace(delivery, source=of)
        return [(replace(held(bench, part, stopped), notes=made.notes), part)]
    return [each for table in made for each in _taken(bench, replace(delivery, depends=depends), table, before)]


def _taken(bench: Bench, delivery: Delivery, table: Table, before: Before) -> list[Taken]:
    """Read one table of a delivery, in the words of the connector."""
    part = replace(delivery, source=_declared(delivery.source, table), prepared=table)
    if not table.columns or not (table.rows or table.is_state or "as_declared" in table.declares):
        return [(counted(bench, part), part)]
    earlier = [told for told in before.accepted if told["name"].endswith(f"/{table.name}")]
    outcomes = [_with_words(outcome, table) for outcome in take_in(bench, part, earlier=earlier)]
    for outcome in outcomes:
        if table.entity == "schools" and not outcome.reason:
            bench.know_more_schools(accepted_key(table.entity, outcome.batch_id))
    return [(outcome, part) for outcome in outcomes]


def _with_words(outcome: Outcome, table: Table) -> Outcome:
    """Return an outcome with what the connector says of single cells."""
    if not table.told:
        return outcome
    return replace(outcome, looked={**outcome.looked, "told": list(table.told[:_MOST_TOLD])})


_MOST_TOLD = 50


def _declared(source: "Source", table: Table) -> "Source":
    """Return the source of one table: as declared, with what the connector says of its columns."""
    if table.declares.get("as_declared"):
        form = {name: table.declares[name] for name in ("masks", "zone") if name in table.declares}
        return source.model_copy(update={"format": source.format.model_copy(update=form)})
    columns = tuple(Column.model_validate(dict(column)) for column in table.columns)
    unpivot = Unpivot.model_validate(dict(table.unpivot)) if table.unpivot else None
    slot = Load(mode=source.load.mode, slot=str(table.declares.get("slot", source.load.slot)))
    more: dict[str, Any] = {"columns": columns, "unpivot": unpivot, "load": slot, "entity": table.entity}
    form = {name: table.declares[name] for name in ("masks", "zone") if name in table.declares}
    more |= {"format": source.format.model_copy(update=form), "codes": dict(table.declares.get("codes", {}))}
    more |= {"school_year": None}
    return source.model_copy(update=more)


def _oneroster(bench: Bench, delivery: Delivery, before: Before) -> tuple[list[Table] | Stop, str]:
    """Read a OneRoster delivery, a delta together with what it changes."""
    own = _opened(bench, delivery.source, delivery.path)
    deliveries, depends = [own], ""
    if own.is_delta and own.stop is None:
        earlier = before.chain()
        depends = sha256("\x1f".join(digest for digest, _ in earlier).encode()).hexdigest()[:16]
        deliveries = [*_since_bulk(bench, delivery.source, [path for _, path in earlier]), own]
    return tables_of(deliveries, _asked(bench, delivery)), depends


def _since_bulk(bench: Bench, source: "Source", paths: Sequence[Path]) -> list[Opened]:
    """Return the deliveries from the last whole one on, oldest first."""
    found: list[Opened] = []
    for path in reversed(paths):
        try:
            each = _opened(bench, source, path)
        except StoppedError:
            continue
        found.insert(0, each)
        if each.stop is None and not each.is_delta:
            break
    return found


def _opened(bench: Bench, source: "Source", path: Path) -> Opened:
    grids = [Grid(*told) for told in grids_of(path, bench.work)]
    return opened(grids) if source.dialect == "oneroster" else as_oneroster(grids, source.dialect)


def _asked(bench: Bench, delivery: Delivery) -> Asked:
    source, rule = delivery.source, delivery.source.school_year
    decided = bench.year_decided(delivery).get("school_year")
    return Asked(
        entities=source.entities or (source.entity,),
        on=_day_of(bench, delivery),
        label=rule.label if rule else "spanning",
        first_days=bench.first_days,
        year=int(decided) if decided else None,
        must_show_year=bool(rule and rule.require),
        student_id=source.ids.get("student", "sourcedId"),
        school_id=source.ids.get("school", "sourcedId"),
        staff_id=source.ids.get("staff", "sourcedId"),
        grades=source.codes.get("grade", {}),
    )


def _day_of(bench: Bench, delivery: Delivery) -> date:
    """Return the day in a delivery's name, else the local day it came."""
    named = delivery.facts.get("date")
    zone = ZoneInfo(bench.deployment.district.time_zone)
    came: datetime = delivery.landed_at or delivery.received_at
    return date.fromisoformat(named) if named else came.astimezone(zone).date()


_LONG_AGO = date(1900, 1, 1)


def _edfi(bench: Bench, delivery: Delivery, _before: Before) -> tuple[list[Table] | Stop, str]:
    """Read the state of one resource; one that the connector held stays held until a person lets it in."""
    written = read_part(delivery.path)
    stop = written.header.get("stop")
    if stop and not {stop["code"], "*"} & bench.waived(delivery):
        notes = tuple(stop.get("notes", ()))
        return Stop(stop["code"], stop["detail"], len(written.records), written.header["entity"], notes), ""
    days = sorted(bench.first_days.values()) or [_LONG_AGO]
    came_on = (delivery.landed_at or delivery.received_at).date()
    begun = [day for day in days if day <= came_on] if written.header["entity"] == "student_attributes" else []
    return [records_of(written, delivery.source, [*days[:1], *begun][-1])], ""


def _qualtrics(bench: Bench, delivery: Delivery, _before: Before) -> tuple[list[Table] | Stop, str]:
    """Read pulled responses by the instrument they are answers to."""
    source = delivery.source
    instrument = bench.deployment.instruments[source.qualtrics.instrument if source.qualtrics else ""]
    table = responses_of(read_part(delivery.path), source, instrument, is_judged=_is_judged(bench, delivery))
    return (table if isinstance(table, Stop) else [table]), instrument_digest(instrument)


def _is_judged(bench: Bench, delivery: Delivery) -> bool:
    """Say whether a survey must be the instrument that is declared; a person may let one in that is not."""
    return not {"instrument_changed", "*"} & bench.waived(delivery)


def instrument_digest(instrument: "InstrumentFile") -> str:
    """Return a digest of what an instrument asks and how it may be answered."""
    told = instrument.model_dump_json(include={"items", "option_sets"}, by_alias=True)
    return sha256(told.encode()).hexdigest()[:16]


def _http_json(_bench: Bench, delivery: Delivery, _before: Before) -> tuple[list[Table] | Stop, str]:
    """Read the records of a declared interface."""
    return [records_at(read_part(delivery.path), delivery.source)], ""


def _redcap(bench: Bench, delivery: Delivery, _before: Before) -> tuple[list[Table] | Stop, str]:
    """Read pulled records by the instrument they are answers to."""
    source = delivery.source
    instrument = bench.deployment.instruments[source.redcap.instrument if source.redcap else ""]
    table = records_in(read_part(delivery.path), source, instrument, is_judged=_is_judged(bench, delivery))
    return (table if isinstance(table, Stop) else [table]), instrument_digest(instrument)


def _spss(bench: Bench, delivery: Delivery, _before: Before) -> tuple[list[Table] | Stop, str]:
    """Read an SPSS file as its columns are declared."""
    check_size(delivery.path)
    sav, unpivot = read_sav(delivery.path), delivery.source.unpivot
    if isinstance(sav, Stop):
        return sav, ""
    instrument = bench.deployment.instruments[unpivot.instrument] if unpivot and unpivot.instrument else None
    table = values_of(sav, delivery.source, instrument if _is_judged(bench, delivery) else None)
    return (table if isinstance(table, Stop) else [table]), instrument_digest(instrument) if instrument else ""


def _template(bench: Bench, delivery: Delivery, _before: Before) -> tuple[list[Table] | Stop, str]:
    """Read a form that came back, by the stamp it was issued with."""
    if delivery.name.lower().endswith(".csv"):
        filled = filled_csv(rows_of(delivery.path))
    else:
        form = delivery.source.format.model_copy(update={"type": "xlsx", "archive": "none"})
        filled = filled_workbook(*book_of(delivery.path, form, bench.work))
    school_id, source = filled.stamp.get("school_id", ""), delivery.source
    rooms = rooms_of(bench.connection, bench.current("rooms"), school_id)
    found = read_back(
        filled,
        Expected(
            form=declared_form(bench.deployment, filled.stamp),
            facts=delivery.facts,
            school_year=school_year_of(_day_of(bench, delivery)),
            entity=source.entity,
            rooms=rooms,
            key=lambda kind, raw: bench.pseudonyms.of(kind, raw, source.id_rule.get(kind, "strip_leading_zeros")),
        ),
    )
    return (found if isinstance(found, Stop) else [found]), sha256("\x1f".join(rooms).encode()).hexdigest()[:16]


_Reader = Callable[[Bench, Delivery, Before], tuple[list[Table] | Stop, str]]
_READERS: dict[str, _Reader] = {
    "edfi": _edfi,
    "http_json": _http_json,
    "oneroster_csv": _oneroster,
    "qualtrics": _qualtrics,
    "redcap": _redcap,
    "spss": _spss,
    "template": _template,
}


def chain_of(history: "History", place: tuple[str, str, str], landed: Callable[..., Any]) -> list[tuple[str, Path]]:
    """Return what a source brought before a delivery, oldest first: digest of the bytes, and where they are kept.

    Args:
        history: What is known of deliveries.
        place: The delivery.
        landed: Finds kept bytes by source, digest and facts.
    """
    found = []
    for other in history.batches:
        if other == place:
            break
        if other[0] == place[0]:
            kept = landed(other[0], other[1], json.loads(other[2]))
            found.append((other[1], kept.path))
    return found
