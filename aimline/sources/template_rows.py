"""Read forms that came back: first the stamp, then what nobody may change, then every row, each fault by its cell."""

from typing import TYPE_CHECKING

from aimline.sources import template_team_rows as teams
from aimline.sources.tables import Stop, Table
from aimline.sources.template import STAMP, TEAM, checksum, room_label
from aimline.sources.template_sheet import Expected, Filled, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping


def table_of(filled: Filled, expected: Expected) -> Table | Stop:
    """Return what a form that came back holds; why it is held, where its stamp or its headings are not right."""
    if (code_detail := _wrong(filled, expected)) is not None:
        return Stop(*code_detail, filled.n_records, expected.entity)
    form = expected.form
    assert form is not None  # noqa: S101 - a form that is unknown was told above
    return _READERS[form.kind](Sheet(filled, form, expected))


def _wrong(filled: Filled, expected: Expected) -> tuple[str, str] | None:
    """Return code and words of what is wrong with the stamp or the fixed cells."""
    stamp, form = filled.stamp, expected.form
    if form is None or any(not stamp.get(name) for name in STAMP):
        return "template_unknown", "it has no stamp of a form that is declared"
    if form.entity != expected.entity:
        return "template_unknown", f"it is a form of {form.entity}, the source brings {expected.entity}"
    slots = (
        ("edition", form.edition, stamp["edition"]),
        ("window", expected.facts.get("window"), stamp["window_id"]),
        ("school", expected.facts.get("school"), stamp["school_id"]),
        ("school year", str(expected.school_year), stamp["school_year"]),
    )
    for name, now, said in slots:
        if now and now != said:
            return "template_stale", f"it is of {name} {said[:40]}, expected is {now[:40]}"
    if stamp["template_id"] != form.template_id:
        return "template_unknown", f"{stamp['template_id'][:40]} was never issued here"
    heads = [cell.strip() for cell in (filled.rows[0] if filled.rows else ())]
    while heads and not heads[-1]:
        heads.pop()
    given = [row[0].strip() if row else "" for row in filled.rows[1:]]
    if tuple(heads) != form.headings or checksum(heads, given) != stamp["checksum"]:
        return "template_altered", "its headings or its given cells are not those it was issued with"
    return None


def _visits(sheet: Sheet) -> Table:
    """Read visits of rooms: one record a row, one rating a look-for."""
    expected, slot = sheet.expected, sheet.form.slot
    rooms = {room_label(room): room for room in expected.rooms}
    items = [answer.name for answer in sheet.form.answers if answer.kind == "choice"]
    for number, record in sheet.records("not_visited"):
        sheet.check(number, record, ("date", "observer"))
        other = expected.key("room", record["other"]) if record["other"] else ""
        room = other or rooms.get(record["room"], "")
        if not room:
            code = "orphan_reference" if record["room"] else "value_missing"
            sheet.refuse(
                number, 0, code, "no room of the school has this label" if record["room"] else "room is missing"
            )
        observer = expected.key("staff", record["observer"]) if record["observer"] else ""
        visit = f"{slot.window_id}.{slot.school_year}.{slot.school_id}.{room_label(room)}.{record['date']}"
        cells = (visit, slot.school_id, room, observer, record["date"])
        sheet.rows.append((number, (*cells, *(record[item] for item in items))))
    columns: list[Mapping[str, object]] = [
        {"name": "walkthrough_id", "from": ["visit"]},
        {"name": "school_id", "from": ["school"], "type": "id"},
        {"name": "room_key", "from": ["room"], "type": "id"},
        {"name": "observer_key", "from": ["observer"], "type": "id"},
        {"name": "on_date", "from": ["date"]},
    ]
    heads = ("visit", "school", "room", "observer", "date", *(f"item {item}" for item in items))
    wide = {f"item {item}": item for item in items}
    return sheet.table(heads, columns, unpivot={"columns": wide, "name": "item_id", "value": "rating"})


def _ratings(sheet: Sheet) -> Table:
    """Read levels of a rubric: one record a row; who rated and when is told once and holds for the rows below."""
    expected, form = sheet.expected, sheet.form
    n_items = len(set(form.given))
    above: dict[tuple[int, str], str] = {}
    for number, record in sheet.records("not_rated"):
        part = (number - 1) // n_items
        above |= {(part, name): record[name] for name in ("rater", "date") if record[name]}
        whole = {**record, **{name: above.get((part, name), "") for name in ("rater", "date")}}
        sheet.check(number, whole, ("rater", "date"))
        rater = whole["rater"]
        is_team = rater.casefold() == TEAM
        key = expected.key("staff", rater) if rater else ""
        item = record["item"].partition(":")[0]
        cells = (form.slot.school_id, item, key, record["rating"], str(is_team).lower(), whole["date"])
        sheet.rows.append((number, cells))
    columns: list[Mapping[str, object]] = [
        {"name": "instrument_id", "value": form.instrument_id},
        {"name": "edition", "value": form.edition},
        {"name": "occasion_id", "value": form.slot.window_id},
        {"name": "unit_type", "value": "school"},
        {"name": "unit_id", "from": ["school"], "type": "id"},
        {"name": "item_id", "from": ["item"]},
        {"name": "rater_key", "from": ["rater"], "type": "id"},
        {"name": "rating", "from": ["rating"], "required": False},
        {"name": "is_consensus", "from": ["team"]},
        {"name": "rated_on", "from": ["date"]},
    ]
    return sheet.table(("school", "item", "rater", "rating", "team", "date"), columns)


_COUNTS = {
    "core_required": "n_core_required",
    "core_delivered": "n_core_delivered",
    "eligible": "n_eligible",
    "reached": "n_reached",
    "quality": "quality",
}


def _sessions(sheet: Sheet) -> Table:
    """Read sessions of the plan's activities: one record a row; one that the plan no longer has belongs to nothing."""
    form = sheet.form
    known = {given.partition(":")[0] for given in form.given}
    heads = ("activity", "session", "date", "status", *_COUNTS, "adaptation", "completed")
    for number, record in sheet.records("not_held"):
        sheet.check(number, record, ("date", "status"))
        activity = record["activity"].partition(":")[0]
        if activity not in known:
            sheet.refuse(number, 0, "orphan_reference", "the plan has no such activity")
        cells = {**record, "activity": activity, "session": record["session"] or record["date"]}
        cells["adaptation"] = cells["adaptation"] or "none"
        sheet.rows.append((number, tuple(cells[head] for head in heads)))
    columns: list[Mapping[str, object]] = [
        {"name": "activity_id", "from": ["activity"]},
        {"name": "unit_type", "value": "school"},
        {"name": "unit_id", "value": form.slot.school_id},
        {"name": "session_id", "from": ["session"]},
        {"name": "on_date", "from": ["date"]},
        {"name": "status", "from": ["status"]},
        *({"name": name, "from": [head], "required": False} for head, name in _COUNTS.items()),
        {"name": "adaptation", "from": ["adaptation"]},
        {"name": "milestone_completed_on", "from": ["completed"], "required": False},
    ]
    return sheet.table(heads, columns)


_READERS = {
    "walkthrough": _visits,
    "rubric": _ratings,
    "activity": _sessions,
    "plan": teams.plan_lines,
    "cycle": teams.cycles,
    "meeting": teams.meetings,
}
