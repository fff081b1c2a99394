"""Say what pulled REDCap records are: one response a record, event and instance of the form, an answer an item."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aimline.sources.pulled import Written
from aimline.sources.redcap import PLACE, RECORD
from aimline.sources.tables import Stop, Table

if TYPE_CHECKING:
    from schemas.instruments import InstrumentFile, Item
    from schemas.source_kinds import Redcap
    from schemas.sources import Source

SKIPPED = "(skipped)"
_NO_FIELD: Mapping[str, Mapping[str, str]] = {"choices": {}}
_NOT_DONE = frozenset({"", "[not completed]"})


def table_of(
    written: Written, source: "Source", instrument: "InstrumentFile", *, is_judged: bool = True
) -> Table | Stop:
    """Return what was pulled as responses to an instrument.

    Args:
        written: What was pulled.
        source: As declared.
        instrument: The instrument it is answered to.
        is_judged: Whether it is held where it differs from the instrument.
    """
    declared, records, fields = source.redcap, written.records, written.header["fields"]
    if declared is None:
        return Stop("records_unreadable", "the form is not declared", len(records))
    if is_judged and (told := _changed(fields, instrument, declared)):
        return Stop("instrument_changed", told, len(records))
    wide = _wide(fields, instrument)
    own = ("response", "respondent", "school", "submitted")
    heads = (*own, *(name for column in source.columns for name in column.from_ if name not in own))
    ignored: Counter[str] = Counter()
    rows = []
    for number, record in enumerate(records, 1):
        answers = _answers(record, fields, instrument, declared)
        if _is_other(record, declared) or not (any(answers.values()) or record.get(f"{declared.form}_timestamp")):
            ignored["other_form"] += 1
            continue
        cells = {**record, **_told(record, declared), **answers}
        rows.append((number, tuple(str(cells.get(head, "")) for head in (*heads, *wide))))
    multi = tuple(item.item_id for item in instrument.items if item.multi)
    unpivot = {"columns": wide, "name": "item_id", "value": "option_value", "empty": "not_presented", "multi": multi}
    return Table(
        "responses",
        "records",
        (*heads, *wide),
        rows,
        _columns(source, declared),
        unpivot,
        len(records),
        ignored,
        is_state=True,
        declares={"codes": source.codes, "slot": "{window_id}.{school_year}", "masks": {SKIPPED: "skipped"}},
    )


def _is_other(record: Mapping[str, Any], declared: "Redcap") -> bool:
    """Say whether a record is of another event, or of another form that repeats."""
    event, repeats = record.get(PLACE[0], ""), record.get(PLACE[1], "")
    return bool((declared.event and event != declared.event) or (repeats and repeats != declared.form))


def _told(record: Mapping[str, Any], declared: "Redcap") -> dict[str, str]:
    """Return what is told of a response besides its answers."""
    at = str(record.get(f"{declared.form}_timestamp", ""))
    parts = [str(record.get(name, "")) for name in (RECORD, *PLACE)]
    return {
        "response": "/".join(part for part in parts if part),
        "respondent": str(record.get(declared.respondent or "", "")),
        "school": str(record.get(declared.school or "", "")),
        "submitted": "" if at in _NOT_DONE else at,
    }


def _wide(fields: Mapping[str, Mapping[str, Any]], instrument: "InstrumentFile") -> dict[str, str]:
    """Return the headings of answers, each with its item: one, or one a choice that may be ticked."""
    wide: dict[str, str] = {}
    for item in instrument.items:
        most = len(fields.get(_name(item), _NO_FIELD)["choices"]) if item.multi else 0
        names = [f"item {item.item_id} {number}" for number in range(1, most + 1)] or [f"item {item.item_id}"]
        wide |= dict.fromkeys(names, item.item_id)
    return wide


def _name(item: "Item") -> str:
    return item.column or item.item_id


def _answers(
    record: Mapping[str, Any],
    fields: Mapping[str, Mapping[str, Any]],
    instrument: "InstrumentFile",
    declared: "Redcap",
) -> dict[str, str]:
    """Return the answers of a record; what is empty on a form that was sent was left out, and is never zero."""
    is_sent = str(record.get(f"{declared.form}_timestamp", "")) not in _NOT_DONE
    empty = SKIPPED if is_sent else ""
    cells = {}
    for item in instrument.items:
        name = _name(item)
        if not item.multi:
            cells[f"item {item.item_id}"] = str(record.get(name, "")) or empty
            continue
        codes = fields.get(name, _NO_FIELD)["choices"]
        ticked = [code for code in codes if str(record.get(f"{name}___{_written(code)}", "")) == "1"]
        values = ticked or ([empty] if empty else [])
        cells |= {f"item {item.item_id} {number}": value for number, value in enumerate(values, 1)}
    return cells


def _written(code: str) -> str:
    """Return a code as the name of a column writes it."""
    return code.lower().replace("-", "_")


def _columns(source: "Source", declared: "Redcap") -> list[Mapping[str, Any]]:
    """Return how the columns of responses are filled; what the source declares comes first."""
    own: list[Mapping[str, Any]] = [
        {"name": "window_id", "value": declared.window},
        {"name": "response_id", "from": ["response"]},
        {"name": "respondent_key", "from": ["respondent"], "type": "id", "required": False},
        {"name": "respondent_class", "value": declared.respondent_class},
        {"name": "school_id", "from": ["school"], "required": False},
        {"name": "submitted_at", "from": ["submitted"], "required": False},
    ]
    said = {column.name: column.model_dump(by_alias=True, exclude_none=True) for column in source.columns}
    return [*said.values(), *(column for column in own if column["name"] not in said)]


def _changed(fields: Mapping[str, Mapping[str, Any]], instrument: "InstrumentFile", declared: "Redcap") -> str:
    """Return how a form differs from its instrument; empty where it does not."""
    told, used = [], set()
    for item in instrument.items:
        field = fields.get(_name(item))
        if field is None:
            told.append(f"{item.item_id} is gone")
            continue
        used.add(_name(item))
        options = {option.value for option in instrument.option_sets.get(item.options or "", ())}
        if options and set(field["choices"]) != options:
            told.append(f"the choices of {item.item_id} are others than declared")
    known: Sequence[str] = (*used, *declared.without)
    asked = {name for name, field in fields.items() if field["form"] == declared.form and field["choices"]}
    told += [f"field {name} is new" for name in sorted(asked.difference(known))]
    return "; ".join(told[:5])
