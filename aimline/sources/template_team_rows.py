"""Read the forms of a school's own team: each row passes the shape of what it is, each fault is told by its cell."""

import re
from collections.abc import Iterable, Mapping

from aimline.sources.tables import Table
from aimline.sources.template_sheet import Sheet
from aimline.sources.template_teams import Asked, cycle_asked, listed, meeting_asked, plan_asked
from schemas._base import Fact, Problem, judged
from schemas.cycles import CycleFile
from schemas.schools import PLAN_LINES, MeetingRecord

_NAMED = {"owner": "owner", "decider": "owner", "goal": "goal", "indicator": "indicator", "looks_at": "indicator"}
"""Answer -> the kind of declared thing it names."""

_KINDS = {"owner": "role or declared person", "goal": "goal", "indicator": "indicator"}


def plan_lines(sheet: Sheet) -> Table:
    """Read the lines of a school's plan."""
    slot, heads = sheet.form.slot, ("id", "kind", *_PLAN)
    for number, record in sheet.records("not_planned"):
        kind = record["line"].partition(" ")[0]
        sheet.check(number, record, ())
        if kind in PLAN_LINES:
            _judge(sheet, number, plan_asked(kind, record), PLAN_LINES[kind])
        else:
            sheet.refuse(number, 0, "value_missing", "a line is given what it is when it is issued")
        _judge_names(sheet, number, record)
        sheet.rows.append((number, (record["line"].replace(" ", "_"), kind, *(record[name] for name in _PLAN))))
    columns: list[Mapping[str, object]] = [
        {"name": "school_id", "value": slot.school_id},
        {"name": "school_year", "value": str(slot.school_year)},
        {"name": "line_id", "from": ["id"]},
        {"name": "line_kind", "from": ["kind"]},
        *({"name": name, "from": [head], "required": False} for head, name in _PLAN.items()),
    ]
    return sheet.table(heads, columns)


_PLAN = {
    "owner": "owner",
    "goal": "goal_id",
    "indicator": "indicator_id",
    "target": "target",
    "group": "group_id",
    "starts": "starts_on",
    "due": "due_on",
    "looks_at": "looks_at",
    "protocol": "protocol",
    "text": "what",
}


def cycles(sheet: Sheet) -> Table:
    """Read short cycles: each row as the file of a cycle would have it."""
    slot, heads = sheet.form.slot, ("cycle", *_CYCLE)
    for number, record in sheet.records("no_cycle"):
        sheet.check(number, record, _ASKED)
        cycle_id = f"{slot.school_year}_{slot.school_id}_{record['name']}"
        whole = {**record, "group": record["group"] or "all", "every": record["every"] or "week"}
        _judge(sheet, number, cycle_asked(record, cycle_id, slot.school_id), CycleFile)
        _judge_names(sheet, number, record)
        sheet.rows.append((number, (cycle_id, *(whole[name] for name in _CYCLE))))
    columns: list[Mapping[str, object]] = [
        {"name": "cycle_id", "from": ["cycle"]},
        {"name": "school_id", "value": slot.school_id},
        *({"name": name, "from": [head], "required": head in _ASKED} for head, name in _CYCLE.items()),
    ]
    return sheet.table(heads, columns)


_CYCLE = {
    "change_idea": "change_idea_id",
    "aim": "aim",
    "problem": "problem",
    "change": "change",
    "direction": "direction",
    "by": "predicted_by",
    "prediction": "prediction",
    "predicted": "predicted_on",
    "indicator": "indicator_id",
    "group": "group_id",
    "every": "measured_every",
    "smallest": "smallest_change",
    "starts": "starts_on",
    "ends": "ends_on",
    "owner": "owner",
    "verdict": "verdict",
    "why": "why",
    "learned": "learned",
    "decided": "decided_on",
    "decider": "decided_by",
}
_AT_THE_END = frozenset({"verdict", "why", "learned", "decided", "decider"})
_BY_ITSELF = frozenset({"group", "every"})
_ASKED = ("name", *(name for name in _CYCLE if name not in _AT_THE_END | _BY_ITSELF))


def meetings(sheet: Sheet) -> Table:
    """Read the records of meetings; the second of a day is its second."""
    slot, heads = sheet.form.slot, ("number", *_MEETING)
    seen: dict[str, int] = {}
    for number, record in sheet.records("not_held"):
        sheet.check(number, record, ("held", "looks_at", "observed", "observed_first"))
        _judge(sheet, number, meeting_asked(record), MeetingRecord)
        _judge_names(sheet, number, record)
        seen[record["held"]] = seen.get(record["held"], 0) + 1
        sheet.rows.append((number, (str(seen[record["held"]]), *(record[name] for name in _MEETING))))
    columns: list[Mapping[str, object]] = [
        {"name": "school_id", "value": slot.school_id},
        {"name": "meeting_no", "from": ["number"]},
        *({"name": name, "from": [head]} for head, name in _MEETING.items()),
    ]
    return sheet.table(heads, columns)


_MEETING = {
    "held": "on_date",
    "looks_at": "looks_at",
    "protocol": "protocol",
    "n_present": "n_present",
    "observed": "observed",
    "observed_first": "observed_first",
    "interpreted": "interpreted",
    "decided": "decided",
    "next": "next_on",
}


def _judge(sheet: Sheet, number: int, asked: Asked, shape: type[Fact]) -> None:
    """Refuse a row that is not of its shape, told by the cells, without what stands in them."""
    if number in sheet.refused:
        return
    _, problems = judged(shape, asked.tree)
    for problem in problems:
        gone = _GONE.match(problem.message)
        path = ".".join(part for part in (*problem.path, *(gone.groups() if gone else ())) if isinstance(part, str))
        name = asked.answers.get(path) or path or asked.answers[""]
        place = next(place for place, each in enumerate(sheet.form.answers) if each.name == name)
        code = "value_missing" if gone or _EMPTY in problem.message else "code_unknown"
        sheet.refuse(number, place, code, f"{name}: {_plain(problem, asked.tree)}")


_GONE = re.compile(r"'(\w+)' is missing")
_EMPTY = "is empty"


def _plain(problem: Problem, tree: Mapping[str, object]) -> str:
    """Return the words of a problem, and what to do; a text that somebody wrote does not stand in them."""
    words = problem.message
    for said in _texts(tree):
        words = words.replace(f"'{said[:60]}'", "the text")
    return f"{words} {problem.remedy}".strip()


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, str) and value:
        yield value


def _judge_names(sheet: Sheet, number: int, record: Mapping[str, str]) -> None:
    """Refuse a row that names a role, a goal or an indicator that nobody declared: a person's name ends here."""
    for place, answer in enumerate(sheet.form.answers):
        kind, said = _NAMED.get(answer.name, ""), record[answer.name]
        if kind and not all(sheet.form.knows(kind, name) for name in listed(said)):
            sheet.refuse(number, place, "orphan_reference", f"no {_KINDS[kind]} of this name is declared")
