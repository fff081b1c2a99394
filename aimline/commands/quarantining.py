"""The verb ``quarantine``: what was refused or is held, and why; the records themselves on a terminal alone."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, Format, State, number_of, say, say_json, say_table
from aimline.commands._telling import remedy_of
from aimline.errors import UsageError
from aimline.journal import Event
from aimline.storage import QUARANTINE_KEY

if TYPE_CHECKING:
    from aimline.context import Context

_SHOWN_ROWS = 20

Batch = Annotated[str | None, typer.Option("--batch", metavar="B", help="Only this batch.")]
Code = Annotated[str | None, typer.Option("--code", metavar="C", help="Only this code, such as code_unknown.")]
Reveal = Annotated[int | None, typer.Option("--reveal", metavar="N", min=1, help="Show so many records, decrypted.")]
By = Annotated[str, typer.Option("--by", metavar="PERSON", help="Who looks at them.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]


def quarantine(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    batch: Batch = None,
    code: Code = None,
    reveal: Reveal = None,
    by: By = "",
    reason: Reason = "",
    form: Format = "table",
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Print what was refused or is held: code, records, first row numbers, and what to do about it.

    With --reveal the records of one batch are shown as they came, on a terminal alone; the journal says who looked.
    """
    from aimline.context import COLLECTION, open_context
    from schemas.faults import FAULTS

    if code not in {None, *FAULTS}:
        raise UsageError(
            f"'{str(code)[:40]}' is no code of the catalogue.",
            remedy="Run aimline quarantine without it for the codes there are.",
        )
    context = open_context(deployment, as_of=as_of, state=state, needs=COLLECTION)
    as_json = as_json or form == "json"
    if reveal is not None:
        return _reveal(context, _Look(batch, code, reveal, by.strip(), reason.strip()), as_json=as_json)
    batch = _one(context, batch)["batch_id"] if batch is not None else None
    rows = [row for row in _refused(context, with_rows=batch is not None or as_json) if _is_asked(row, batch, code)]
    if as_json:
        say_json({"deployment": context.deployment.name, "as_of": context.clock.as_of, "quarantine": rows})
    else:
        _say_refused(context, rows, with_rows=batch is not None)
    return 1 if any(row["state"] == "held" for row in rows) else 0


def _is_asked(row: Mapping[str, Any], batch: str | None, code: str | None) -> bool:
    return batch in {None, row["batch_id"]} and code in {None, row["code"]}


def _say_refused(context: "Context", rows: list[dict[str, Any]], *, with_rows: bool) -> None:
    n_batches, n_records = len({row["batch_id"] for row in rows}), sum(row["n_records"] for row in rows)
    head = f"{context.deployment.name} as of {context.clock.as_of}"
    batches = "1 batch" if n_batches == 1 else f"{n_batches} batches"
    say(f"{head}: {number_of(n_records, 'record')} of {batches} refused or held.")
    if not rows:
        return
    say()
    heads = ["batch", "source", "delivery", "state", "code", "records", "remedy"]
    names = ["batch_id", "source_id", "name", "state", "code", "n_records", "remedy"]
    if with_rows:
        heads, names = [*heads[:-1], "columns", "rows", "remedy"], [*names[:-1], "columns", "rows", "remedy"]
    say_table(heads, [[_cell(row[name]) for name in names] for row in rows])
    for row in rows:
        if row["detail"] and with_rows:
            say(f"{row['name']}: {row['detail']}")


def _cell(value: object) -> object:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else value


def _refused(context: "Context", *, with_rows: bool) -> list[dict[str, Any]]:
    """Return one row a batch and code; a held delivery counts as replaced once another came in its place."""
    from schemas.faults import FAULTS

    events = context.journal.events("batch_accepted", "batch_held", until=context.clock.as_of)
    newest = {(event.payload["source_id"], event.payload["name"]): event.subject_id for event in events}
    rows = []
    for event in events:
        told = event.payload
        codes = dict(told["quarantined"]) or ({told["reason"]: 0} if told.get("reason") else {})
        is_replaced = newest[told["source_id"], told["name"]] != event.subject_id
        places = _places(context, told) if with_rows and codes else {}
        for code, count in codes.items():
            columns, numbers = places.get(code, ([], []))
            rows.append(
                {
                    **{name: told[name] for name in ("batch_id", "source_id", "entity", "name")},
                    "state": "replaced" if is_replaced else "held" if told.get("reason") else "accepted",
                    "code": code,
                    "n_records": count,
                    "columns": columns,
                    "rows": numbers,
                    "meaning": FAULTS[code].meaning,
                    "detail": told.get("detail")
                    or (told.get("looked", {}).get("unlisted", "") if code == "code_unknown" else ""),
                    "remedy": remedy_of(told, context.deployment.name)
                    if code == told.get("reason")
                    else FAULTS[code].remedy,
                }
            )
    return rows


def _places(context: "Context", told: Mapping[str, Any]) -> dict[str, tuple[list[str], list[int]]]:
    """Return code -> columns and the first row numbers of the refused records of a batch."""
    from aimline.arrival import refused_key
    from aimline.warehouse import connect, quote_literal

    key = refused_key(told["entity"], told["batch_id"])
    if not context.store.exists(key):
        return {}
    path = quote_literal(str(context.store.path(key)))
    with connect(role="memory") as connection:
        found = connection.rows(
            f"select code, list(distinct column_name order by column_name) filter (column_name <> '') as columns, "
            f"list(row_no order by row_no)[:{_SHOWN_ROWS}] as numbers from "
            f"(select row_no, codes[1] as code, columns[1] as column_name from read_parquet({path})) group by code"
        )
    return {row["code"]: (row["columns"] or [], row["numbers"]) for row in found}


@dataclass(frozen=True)
class _Look:
    """A person's wish to see refused records."""

    batch: str | None
    code: str | None
    n: int
    by: str
    reason: str


def _reveal(context: "Context", look: _Look, *, as_json: bool) -> int:
    """Show refused records as they came; who looked, and why, is in the journal before anything is shown.

    Raises:
        UsageError: It is not a terminal, no batch, person or reason is named, or the records were not kept.
    """
    if look.batch is None or not look.by or not look.reason:
        raise UsageError(
            "records are shown of one batch, to a person with a reason.", remedy="Give --batch, --by, --reason."
        )
    if as_json or not sys.stdout.isatty():
        raise UsageError(
            "refused records are shown on a terminal alone.", remedy="Run it there, without a pipe or --json."
        )
    told = _one(context, look.batch)
    records = list(islice(_kept(context, told, look.code), look.n))
    payload = {name: told[name] for name in ("batch_id", "source_id", "name")}
    payload |= {"rows": [number for number, _, _ in records], "by": look.by, "reason": look.reason}
    at = context.clock.instant()
    digest = sha256(json.dumps([payload, at.isoformat()], sort_keys=True).encode()).hexdigest()[:16]
    key = f"quarantine_revealed:{digest}"
    event = Event("quarantine_revealed", told["batch_id"], context.clock.as_of, key, payload, context.run_id)
    context.journal.append([event], at=at)
    say(f"{told['source_id']}: {told['name']}: {number_of(len(records), 'record')} shown to {look.by}; it is recorded.")
    say_table(("row", "codes", "record"), [(number, ", ".join(codes), text) for number, codes, text in records])
    return 0


def _one(context: "Context", asked: str) -> Mapping[str, Any]:
    """Return the account of one batch by its id, or by how its id begins."""
    events = context.journal.events("batch_accepted", "batch_held")
    found = {event.subject_id: event.payload for event in events if event.subject_id.startswith(asked)}
    if len(found) != 1:
        raise UsageError(f"no one batch begins with '{asked[:20]}'.", remedy="See aimline quarantine for the batches.")
    return next(iter(found.values()))


def _kept(context: "Context", told: Mapping[str, Any], code: str | None) -> Iterator[tuple[int, list[str], str]]:
    """Yield number, codes and text of the refused records of a batch, in order."""
    from aimline.arrival import refused_key
    from aimline.storage import decrypt, quarantine_key
    from aimline.warehouse import connect, quote_literal

    held, key = refused_key(told["entity"], told["batch_id"]), quarantine_key()
    if key is None:
        raise UsageError("the key of refused records is missing.", remedy=f"Set {QUARANTINE_KEY}.")
    if not context.store.exists(held):
        raise UsageError("no single record of this batch was refused.", remedy="Look at the file as it was kept.")
    with connect(role="memory") as connection:
        path = quote_literal(str(context.store.path(held)))
        rows = connection.rows(f"select row_no, codes, row_enc from read_parquet({path}) order by row_no")
    for row in rows:
        if code not in {None, *row["codes"]}:
            continue
        if row["row_enc"] is None:
            raise UsageError("the records were not kept: there was no key when they were refused.")
        sealed = decrypt(key, bytes(row["row_enc"]), f"{told['batch_id']}:{row['row_no']}".encode())
        cells = ["" if cell is None else str(cell) for cell in json.loads(sealed)]
        yield row["row_no"], row["codes"], ", ".join(cells)
