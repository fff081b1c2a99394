"""What two releases tell together is judged for each reader by the pages that reader holds; who lost a file is told."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from aimline.disclosure.earlier import joint_of
from aimline.disclosure.gate import Evidence, audit_release
from aimline.disclosure.instance import Thresholds
from aimline.disclosure.layers import Readers
from aimline.disclosure.memory import Memory, hold, printed
from aimline.disclosure.people import Behind, keep_people
from aimline.errors import DisclosureError
from tests.support.people_bench import ALL, People, evidence_of

DAY = date(2027, 3, 1)
SCHOOLS = ("s1", "s2", "s3")
KEYS = [(unit, ALL) for unit in ("D", *SCHOOLS)]
BEFORE: People = {number: ((SCHOOLS[number % 3],), "set/a") for number in range(90)}
AFTER: People = {number: each for number, each in BEFORE.items() if number not in {0, 3}}
"""Two children of the first school left."""


def publish_twice(folder: Path, *, is_lost: bool = False) -> Evidence:
    """Publish a figure, and again after two left; return what the gate sees of the second release."""
    first = evidence_of([BEFORE], KEYS, {})
    hold(first, Memory([], DAY, "suppress", None, Behind([], folder)))
    rows, behind = printed(first), keep_people(first, folder, "r1")
    for path in folder.iterdir() if is_lost else ():
        path.unlink()
    second = evidence_of([AFTER], KEYS, {})
    rows = [row | {"as_of": "2027-03-01"} for row in rows]
    hold(second, Memory(rows, DAY, "suppress", None, Behind(behind, folder)))
    return replace(second, is_laid_out=True)


def test_a_few_who_left_are_told_to_whoever_holds_the_page_and_is_no_insider(tmp_path: Path) -> None:
    """Not to the school's own principal, who knows the children, nor to another's, who never sees the page."""
    evidence = publish_twice(tmp_path)
    held = [("board", "D", unit) for unit in ("D", *SCHOOLS)]
    held += [("principal", own, unit) for own in SCHOOLS for unit in ("D", own)]
    for audience, reader, unit in held:
        kind = "district" if unit == "D" else "school"
        evidence.connection.execute(
            "insert into rpt_units by name select "
            f"'{audience}' as audience_id, '{reader}' as reader_unit_id, '{unit}' as unit_id, '{kind}' as unit_type"
        )
    evidence.connection.execute("delete from gate_held_layers")
    found = [each for each in audit_release(evidence).failures if each.check == "A6"]
    assert {each.view for each in found if each.target == "s1|all|all"} == {"board"}
    assert {each.view for each in found if each.target == "D|all|all"} >= {"board", "principal:s2"}


def test_a_release_whose_earlier_people_are_lost_is_refused(tmp_path: Path) -> None:
    """Nobody could say who joined or left, so nothing is published; the file to put back is named."""
    with pytest.raises(DisclosureError, match="who was behind figures of r1") as caught:
        publish_twice(tmp_path, is_lost=True)
    assert f"{tmp_path.name}/r1-" in (caught.value.remedy or "")


def row(unit: str, fate: str | None, status: str | None) -> dict[str, object]:
    """Return the cell of everybody of a unit, as it is told now and was told then."""
    kind = "district" if unit == "D" else "school"
    place = {"unit_type": kind, "unit_id": unit, "group_set_id": "all", "group_id": "all"}
    return place | {"cell_id": f"{unit}|all", "fate": fate, "status": status}


ATOMS = [
    {"group_set_id": "all", "before": f"{unit}/all|D/all", "after": f"{unit}/all|D/all", "n": 40} for unit in SCHOOLS
]


def test_what_a_release_does_not_print_is_no_cell_of_it() -> None:
    """A figure left out now, or never printed then, tells no reader anything; one that was hidden is a gap."""
    cells = [
        row("D", "shown", None),
        row("s1", "unprinted", "visible"),
        row("s2", "shown", "never_printed"),
        row("s3", "hidden", "suppressed"),
    ]
    joint = joint_of("one", cells, ATOMS, (Thresholds(), Readers({"board": frozenset({"D", *SCHOOLS})}, {})))
    told = [cell.cell_id for cell in joint.instance.cells if cell.is_printed]
    assert told == ["D|all", "s1|all|before", "s2|all", "s3|all", "s3|all|before"]
    assert joint.instance.names(joint.gaps) == ["s3|all", "s3|all|before"]


@pytest.mark.parametrize(("coalition", "together"), [(1, set()), (2, {"p1+p2"})])
def test_two_insiders_lay_both_releases_together_where_a_policy_asks(coalition: int, together: set[str]) -> None:
    """What each knows of the own school, in both releases, is known to the two."""
    held = {name: frozenset({"D", own}) for name, own in (("p1", "s1"), ("p2", "s2"))}
    readers = Readers(held, {"p1": "s1", "p2": "s2"}, coalition)
    joint = joint_of("one", [row(unit, "shown", "visible") for unit in ("D", *SCHOOLS)], ATOMS, (Thresholds(), readers))
    knows = {view.name: set(joint.instance.names(view.knows)) for view in joint.instance.views}
    assert knows.keys() - {"p1", "p2"} == together
    for name in together:
        assert knows[name] >= knows["p1"] | knows["p2"] >= {"s1|all", "s2|all|before"}
