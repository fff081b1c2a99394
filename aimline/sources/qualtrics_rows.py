"""Say what pulled Qualtrics responses are: which are trials or spam, what each item of the instrument was answered."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from aimline.sources.pulled import Written
from aimline.sources.qualtrics import RESPONSE_ID, SEEN, ZONE
from aimline.sources.tables import Stop, Table

if TYPE_CHECKING:
    from schemas.instruments import InstrumentFile, Item
    from schemas.sources import Source

_YES = frozenset({"1", "true"})
_META = {"response": RESPONSE_ID, "started": "startDate", "duration": "duration"}


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
    survey, header, records = source.qualtrics, written.header, written.records
    if survey is None or "stop" in header:
        return Stop(**header.get("stop", {"code": "records_unreadable"}), n_records=len(records))
    places = {item.item_id: _places(item, header["definition"]) for item in instrument.items}
    if is_judged and (told := _changed(header["definition"], instrument, places, survey.without)):
        return Stop("instrument_changed", told, len(records))
    heads = [*_META, "submitted", "respondent", "school"]
    heads += [name for column in source.columns for name in column.from_ if name not in heads]
    wide = {f"item {item.item_id}": item.item_id for item in instrument.items if not item.multi}
    for item in instrument.items:
        most = len(places[item.item_id]) if item.multi else 0
        wide |= {f"item {item.item_id} {number}": item.item_id for number in range(1, most + 1)}
    ignored: Counter[str] = Counter()
    rows = []
    for number, record in enumerate(records, 1):
        if rule := _rule(record, source):
            ignored[rule] += 1
            continue
        cells = _cells(record, source) | _answers(record, instrument.items, places, header["definition"])
        rows.append((number, tuple(cells.get(head, "") for head in (*heads, *wide))))
    n_partial = sum(not _is_finished(record) for record in records if not _rule(record, source))
    notes = dict.fromkeys(header.get("notes", ()), 1) | ({"partial_response": n_partial} if n_partial else {})
    return Table(
        "responses",
        "responses",
        (*heads, *wide),
        rows,
        _columns(source),
        {"columns": wide, "name": "item_id", "value": "option_value", "empty": "not_presented"}
        | {"multi": tuple(item.item_id for item in instrument.items if item.multi)},
        len(records),
        ignored,
        notes=notes,
        is_state=True,
        declares={"codes": source.codes, "slot": "{window_id}.{school_year}", "masks": {SEEN: "skipped"}, "zone": ZONE},
    )


def _rule(record: Mapping[str, Any], source: "Source") -> str:
    """Return the rule that ignores a response; empty for one that counts."""
    survey, status = source.qualtrics, str(record.get("status", ""))
    is_trial = record.get("distributionChannel") == "preview" or status in map(str, survey.previews if survey else ())
    return "preview" if is_trial else "spam" if status in map(str, survey.spam if survey else ()) else ""


def _is_finished(record: Mapping[str, Any]) -> bool:
    return str(record.get("finished", "")).lower() in _YES


def _cells(record: Mapping[str, Any], source: "Source") -> dict[str, str]:
    """Return what is told of a response besides its answers."""
    survey = source.qualtrics
    cells = {head: str(record.get(name, "")) for head, name in _META.items()}
    cells["submitted"] = str(record.get("endDate", "")) if _is_finished(record) else ""
    if survey:
        cells |= {"respondent": str(record.get(survey.respondent or "", ""))}
        cells |= {"school": str(record.get(survey.school or "", ""))}
    return {name: str(record.get(name, "")) for column in source.columns for name in column.from_} | cells


def _columns(source: "Source") -> list[Mapping[str, Any]]:
    """Return how the columns of responses are filled; what the source declares comes first."""
    survey = source.qualtrics
    own: list[Mapping[str, Any]] = [
        {"name": "window_id", "value": survey.window if survey else ""},
        {"name": "response_id", "from": ["response"]},
        {"name": "respondent_key", "from": ["respondent"], "type": "id", "required": False},
        {"name": "respondent_class", "value": survey.respondent_class if survey else ""},
        {"name": "school_id", "from": ["school"], "required": False},
        {"name": "started_at", "from": ["started"], "required": False},
        {"name": "submitted_at", "from": ["submitted"], "required": False},
        {"name": "duration_seconds", "from": ["duration"], "required": False},
    ]
    declared = {column.name: column.model_dump(by_alias=True, exclude_none=True) for column in source.columns}
    return [*declared.values(), *(column for column in own if column["name"] not in declared)]


def _places(item: "Item", definition: Mapping[str, Any]) -> list[str]:
    """Return the import ids of an item: one, or one a choice where several may be ticked."""
    name = item.column or item.item_id
    name = definition["columns"].get(name, name)
    if not item.multi:
        return [name]
    return [f"{name}_{choice}" for choice in definition["questions"].get(name, {}).get("choices", {})]


def _answers(
    record: Mapping[str, Any],
    items: Sequence["Item"],
    places: Mapping[str, Sequence[str]],
    definition: Mapping[str, Any],
) -> dict[str, str]:
    """Return the value of each item; of one with several choices, each that was ticked."""
    cells = {}
    for item in items:
        ids = places[item.item_id]
        if not item.multi:
            cells[f"item {item.item_id}"] = str(record.get(ids[0], "")) if ids else ""
            continue
        ticked = [name for name in ids if record.get(name, "") not in {"", SEEN}]
        values = [_value(name, definition) for name in ticked]
        values = values or [SEEN] * any(record.get(name) == SEEN for name in ids)
        cells |= {f"item {item.item_id} {number}": value for number, value in enumerate(values, 1)}
    return cells


def _value(name: str, definition: Mapping[str, Any]) -> str:
    """Return the value of the choice a column stands for."""
    question, _, choice = name.rpartition("_")
    return str(definition["questions"][question]["choices"][choice])


def _changed(
    definition: Mapping[str, Any],
    instrument: "InstrumentFile",
    places: Mapping[str, Sequence[str]],
    without: Sequence[str],
) -> str:
    """Return how a survey differs from its instrument; empty where it does not."""
    questions, used, told = definition["questions"], set(), []
    for item in instrument.items:
        name = (places[item.item_id] or [item.column or item.item_id])[0]
        question_id, _, part = name.partition("_")
        question = questions.get(question_id)
        if question is None or (question["parts"] and part not in question["parts"]):
            told.append(f"{item.item_id} is gone")
            continue
        used.add(question_id)
        declared = {option.value for option in instrument.option_sets.get(item.options or "", ())}
        if declared and set(question["choices"].values()) != declared:
            told.append(f"the choices of {item.item_id} are others than declared")
    added = [name for name, each in questions.items() if each["choices"] and name not in used and name not in without]
    told += [f"question {name} is new" for name in sorted(added)]
    return "; ".join(told[:5])
