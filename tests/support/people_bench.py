"""Hold releases with the people behind them, as the gate sees both; and say a second time, by sets, what must be held.

A *layer* here is a mapping from person to (schools, group): who was behind one figure. The group is ``set/value``.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from aimline.disclosure.gate import Evidence
from aimline.warehouse import valued
from schemas.published import GAP_TEXT
from tests.support.disclosure_tables import MEASURE, Key, cell_id
from tests.support.gate_bench import release

Person = tuple[tuple[str, ...], str]
People = Mapping[int, Person]
ALL = "all"
PEOPLE, MARKS = "truth.people", "truth.marks"
_COLUMNS = {
    "measure_id": "varchar", "profile_id": "varchar", "school_year": "integer", "period_kind": "varchar",
    "period_id": "varchar", "subject_id": "varchar", "estimator": "varchar", "unit_type": "varchar",
    "unit_id": "varchar", "student_no": "ubigint", "groups": "varchar", "row_mark": "ubigint",
}  # fmt: skip


def cells(people: People) -> dict[Key, frozenset[int]]:
    """Return who stands in each cell: of schools and the district ``D``, all and by group."""
    held: dict[Key, set[int]] = {}
    for person, (schools, group) in people.items():
        for unit in (*schools, "D"):
            held.setdefault((unit, ALL), set()).add(person)
            held.setdefault((unit, group), set()).add(person)
    return {key: frozenset(each) for key, each in held.items()}


def evidence_of(layers: list[People], keys: Iterable[Key], gaps: Mapping[int, set[Key]]) -> Evidence:
    """Make a release of closed months with the people behind each; only some cells are printed, some of them hidden.

    Args:
        layers: The people of each month.
        keys: The cells that are printed.
        gaps: Of the month at a place, which are hidden.
    """
    keys = sorted(keys)
    held = [cells(people) for people in layers]
    made = release([{key: len(each.get(key, ())) for key in keys} for each in held], set())
    run = made.connection.execute
    run("update rpt_measures set period_ends_on = date '2027-02-01', n_text = 'n'")
    for number, hidden in gaps.items():
        names = ", ".join(f"'{cell_id(key)}'" for key in sorted(hidden)) or "''"
        run(
            f"update rpt_measures set is_suppressed = true, value = null, value_text = '{GAP_TEXT}', n_text = null, "
            f"shown_as = 'suppressed' where period_id = '2027-{number + 1:02d}' and cell_id in ({names})"
        )
    rows = [row for number, people in enumerate(layers) for row in _rows(number, people)]
    run(f"create table {PEOPLE} as {valued(([row[name] for row in rows] for name in _COLUMNS), _COLUMNS)}")
    layer = ", ".join(list(_COLUMNS)[:7])
    marks = f"select {layer}, count(*) as n_rows, sum(cast(row_mark as hugeint)) as mark from {PEOPLE} group by all"
    run(f"create table {MARKS} as {marks}")
    return Evidence(made.connection, made.truth, made.policy, people=PEOPLE, marks=MARKS)


def layer_name(number: int) -> str:
    """Return the name of the layer at a place."""
    return f"{MEASURE}|default|2027|month|2027-{number + 1:02d}|belonging|pooled"


def few_moved(now: People, before: People, keys: Iterable[Key], n_min: int) -> bool:
    """Say whether a few joined or left a printed cell, or what is left of everybody of a unit beside its groups."""
    keys = set(keys)
    one, other = _with_rests(cells(now), keys), _with_rests(cells(before), keys)
    return any(
        1 <= len(more) < n_min
        for key in one.keys() | other.keys()
        for more in (one.get(key, frozenset()) - other.get(key, frozenset()),
                     other.get(key, frozenset()) - one.get(key, frozenset()))
    )  # fmt: skip


def _with_rests(held: Mapping[Key, frozenset[int]], keys: set[Key]) -> dict[Key, frozenset[int]]:
    told = {key: held.get(key, frozenset()) for key in keys}
    for unit, group in keys:
        name = group.partition("/")[0]
        if group != ALL:
            parts = [told[key] for key in keys if key[0] == unit and key[1].startswith(f"{name}/")]
            told[unit, f"{name}/~"] = held.get((unit, ALL), frozenset()) - frozenset().union(*parts)
    return told


def _rows(number: int, people: People) -> Iterable[dict[str, Any]]:
    named = layer_name(number).split("|")
    layer = dict(zip(list(_COLUMNS)[:7], named, strict=True))
    for person, (schools, group) in people.items():
        for unit in (*schools, "D"):
            groups = group.replace("/", "=")
            mark = int(sha256(f"{person}|{unit}|{groups}".encode()).hexdigest()[:15], 16)
            kind = "district" if unit == "D" else "school"
            place = {"unit_type": kind, "unit_id": unit}
            yield layer | place | {"student_no": person, "groups": groups, "row_mark": mark}
