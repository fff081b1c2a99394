"""Whatever changes and however it is sent, deltas on a whole export give what a new whole export gives."""

import copy
import csv
import io
import zipfile
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from aimline.sources.oneroster import Asked, tables_of
from aimline.sources.oneroster_files import opened
from aimline.sources.tables import Grid, Table
from tests.support.oneroster_made import Roster, small

ASKED = Asked(("schools", "enrollment", "student_attributes"), date(2019, 1, 9))
ORGS = ("s1", "s2", "s1,s2", "s3", "d", "gone")
Edit = tuple[str, int, str, int]

edits = st.tuples(st.sampled_from(["put", "delete", "org", "told"]), st.integers(0, 9), st.sampled_from(ORGS)).flatmap(
    lambda told: st.integers(1, 12).map(lambda grade: (*told, grade))
)


def changed(roster: Roster, edit: Edit) -> None:
    """Make one change of a roster."""
    kind, number, orgs, grade = edit
    key = f"u{number}"
    if kind == "put":
        roster.put("users", key, orgSourcedIds=orgs, role="student", grades=f"{grade:02d}")
    elif kind == "told":
        roster.put("demographics", key, sex="male" if grade % 2 else "female", white=str(grade % 3 == 0).lower())
    elif kind == "org":
        roster.put("orgs", f"s{1 + number % 4}", name=f"School {grade}", type="school", parentSourcedId="d")
    else:
        roster.files["users"].pop(key, None)


def grids(data: bytes) -> list[Grid]:
    """Return the files of a delivery."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [Grid(name, list(csv.reader(io.StringIO(archive.read(name).decode())))) for name in archive.namelist()]


def rows(tables: list[Table]) -> dict[str, tuple[object, ...]]:
    """Return what tables hold, whatever the numbers of the records."""
    found = {}
    for table in tables:
        good = sorted(
            [cell for cell in zip(table.headings, cells, strict=True) if cell[1]]
            for number, cells in table.rows
            if number not in table.refused
        )
        found[table.name] = (table.entity, good, sorted(table.refused.values()))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(edits, max_size=5), min_size=1, max_size=4))
def test_deltas_on_a_bulk_are_the_new_bulk(nights: list[list[Edit]]) -> None:
    """Over several nights of changes; every record of every delivery is in the account."""
    roster = small(6)
    deliveries = [opened(grids(roster.bulk()))]
    for night in nights:
        before = copy.deepcopy(roster)
        for edit in night:
            changed(roster, edit)
        deliveries.append(opened(grids(roster.delta(before))))
    by_delta, by_bulk = tables_of(deliveries, ASKED), tables_of([opened(grids(roster.bulk()))], ASKED)
    assert isinstance(by_delta, list)
    assert isinstance(by_bulk, list)
    assert rows(by_delta) == rows(by_bulk)
    for table in by_delta:
        assert table.n_records == sum(table.ignored.values()) + len(
            {number for number, _ in table.rows} | set(table.refused)
        )
