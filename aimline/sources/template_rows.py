"""Read forms that came back: first the stamp, then what nobody may change, then every row, each fault by its cell."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from aimline.sources.tables import Stop, Table
from aimline.sources.template import FORM, STAMP, TEAM, Answer, Form, checksum, room_label

_NUMBER = re.compile(r"-?\d{1,6}(\.\d{1,3})?")
_COUNT = re.compile(r"\d{1,9}(\.0+)?")
_LETTERS = 26


@dataclass(frozen=True)
class Filled:
    """A form as it came back.

    Attributes:
        stamp: What its sheet ``about`` says.
        rows: The rows of its sheet ``form``, the heading first.
        formulas: Places (row from 1, column from 0) of cells that hold a formula.
        n_above: Lines above the heading.
    """

    stamp: Mapping[str, str]
    rows: Sequence[Sequence[str]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    n_above: int = 0

    @property
    def n_records(self) -> int:
        """Return all its records."""
        return self.n_above + len(self.rows)


@dataclass(frozen=True)
class Expected:
    """What is known where a form comes back.

    Attributes:
        form: The form of a window and a school as it would be issued today; None for a window nobody declared.
        facts: What the name of the delivery tells: ``window`` and ``school``.
        school_year: The year of the delivery.
        entity: What the source brings.
        rooms: Pseudonyms of the school's rooms.
        key: Makes the pseudonym of an id of one kind.
    """

    form: Form | None
    facts: Mapping[str, str]
    school_year: int
    entity: str
    rooms: Sequence[str] = ()
    key: Callable[[str, str], str] = field(default=lambda _kind, raw: raw)


def table_of(filled: Filled, expected: Expected) -> Table | Stop:
    """Return what a form that came back holds; why it is held, where its stamp or its headings are not right."""
    if (code_detail := _wrong(filled, expected)) is not None:
        return Stop(*code_detail, filled.n_records, expected.entity)
    form = expected.form
    assert form is not None  # noqa: S101 - a form that is unknown was told above
    reader = {"walkthrough": _visits, "rubric": _ratings, "activity": _sessions}[form.kind]
    return reader(_Sheet(filled, form, expected))


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


@dataclass
class _Sheet:
    """The rows of a form on their way to cells, with what is refused and why."""

    filled: Filled
    form: Form
    expected: Expected
    rows: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)
    refused: dict[int, str] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def records(self, rule: str) -> list[tuple[int, dict[str, str]]]:
        """Return the rows somebody wrote into, by the names of the columns; the others are counted under a rule."""
        found = []
        for number, row in enumerate(self.filled.rows[1:], 1):
            cells = [cell.strip() for cell in row[: len(self.form.answers)]]
            cells += [""] * (len(self.form.answers) - len(cells))
            record = {answer.name: cell for answer, cell in zip(self.form.answers, cells, strict=True)}
            if any(cells[1:]) or self._formulas(number):
                found.append((number, record))
            else:
                self.ignored[rule if cells[0] else "blank_row"] += 1
        return found

    def _formulas(self, number: int) -> list[int]:
        row = number + 1
        return [place for place in range(len(self.form.answers)) if (row, place) in self.filled.formulas]

    def check(self, number: int, record: Mapping[str, str], needed: Sequence[str]) -> None:
        """Refuse a row with a formula, a missing cell, a date that is none, a choice that is none."""
        for place in self._formulas(number):
            self.refuse(number, place, "formula_cell", "a formula stands where an answer belongs")
        for place, answer in enumerate(self.form.answers):
            said = record[answer.name]
            if not said and answer.name in needed:
                self.refuse(number, place, "value_missing", f"{answer.name} is missing")
            if said and answer.kind == "choice" and said not in answer.choices:
                shown = said if _NUMBER.fullmatch(said) else "the text"
                words = f"{self._word(answer)} {shown} is not one of {', '.join(answer.choices)}"
                self.refuse(number, place, "code_unknown", words)
            if said and answer.kind == "count" and not _COUNT.fullmatch(said):
                self.refuse(number, place, "mask_unknown", f"{answer.name} is no whole number")
            if said and answer.kind == "date" and not _is_day(said):
                self.refuse(number, place, "date_impossible", f"{answer.name} is no date; write it as 2026-10-08")

    def _word(self, answer: Answer) -> str:
        return "rating" if self.form.kind == "walkthrough" else answer.name

    def refuse(self, number: int, place: int, code: str, words: str) -> None:
        """Refuse a row for what stands in one of its cells."""
        self.refused.setdefault(number, code)
        self.told.append(f"{FORM}!{chr(ord('A') + place) if place < _LETTERS else '?'}{number + 1}: {words}")

    def table(self, heads: Sequence[str], columns: Sequence[Mapping[str, object]], **more: object) -> Table:
        """Return the table of what was gathered."""
        slot = self.form.slot
        ignored = self.ignored + Counter({"title_row": self.filled.n_above, "header_row": 1})
        return Table(
            self.form.entity,
            FORM,
            tuple(heads),
            self.rows,
            columns,
            more.get("unpivot"),  # type: ignore[arg-type] # None, or what sources.yml says
            self.filled.n_records,
            +ignored,
            self.refused,
            is_state=True,
            told=tuple(self.told),
            declares={"slot": f"{slot.window_id}.{slot.school_year}.{slot.school_id}"},
        )


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _visits(sheet: _Sheet) -> Table:
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


def _ratings(sheet: _Sheet) -> Table:
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


def _sessions(sheet: _Sheet) -> Table:
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
