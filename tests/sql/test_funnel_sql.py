"""Schools beside each other once a term, from accepted rows to the published table: the term's own figure, its gate."""

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aimline.settings import declared_rows, load_deployment
from schemas.published import GAP_TEXT
from tests.support.small_world import World, weekdays

DAYS = weekdays(date(2026, 9, 8), 30)
"""A year of thirty days; the fifteenth is a Monday, so its week ends in the second term."""
FALL = [day for day in DAYS if day < date(2026, 9, 28)]
SIZES = {
    "s1": 60,
    "s2": 50,
    "s3": 40,
    "s4": 90,
    "s5": 45,
    "s6": 55,
    "s7": 65,
    "s8": 70,
    "s9": 35,
    "t1": 85,
    "t2": 75,
    "few": 4,
}
MISSED = {"s1": 4, "s2": 4, "s3": 3, "s4": 16, "s5": 4, "s6": 4, "s7": 5, "s8": 5, "s9": 3, "t1": 6, "t2": 6, "few": 1}
POLICY = ("disclosure_policy", "size_caps", "count_bands", "shown_counts", "printed_groups")
PEERS: dict[str, Any] = {"peer_terms": "fall,spring", "peer_trim_numerator": 1, "peer_trim_denominator": 10}


def a_district(root: Path, **district: Any) -> World:
    """Land twelve schools, one of four students, and thirty days; weeks that end by the fifteenth make the fall."""
    world = World(root, today=DAYS[24])
    shipped = declared_rows(load_deployment("riverbend"))
    [riverbend] = shipped["declared_district"]
    world.declare(**{name: riverbend[name] for name in POLICY}, **district)
    attendance = [row for row in shipped["declared_indicators"] if row["indicator_id"] == "attendance_rate"]
    world.land("declared_indicators", [row | {"group_sets": None, "profile_id": "default"} for row in attendance])
    world.land("declared_audiences", [row for row in shipped["declared_audiences"] if row["audience_id"] == "board"])
    world.calendar(DAYS)
    opened = {"valid_from": date(2020, 1, 1), "kind": "regular", "level": "elementary", "opens_on": date(2020, 1, 1)}
    world.land("schools", [opened | {"school_id": name, "name": name} for name in SIZES])
    enrolled = {"calendar_id": "district", "grade": "3", "entered_on": DAYS[0], "fte": "1", "school_year": 2027}
    pupils = [(name, f"{name}-{n}") for name, size in SIZES.items() for n in range(size)]
    world.land(
        "enrollment",
        [enrolled | {"enrollment_id": "e", "school_id": name, "student_key": pupil} for name, pupil in pupils],
    )
    sent = {"homeroom_id": "h", "grade": "3", "is_submitted": True}
    world.land("attendance_submissions", [sent | {"school_id": n, "on_date": day} for n in SIZES for day in DAYS[:25]])
    mark = {"section_id": "", "category": "unexcused", "absence_fraction": "1"}
    missed = [(name, f"{name}-{n}", day) for day in DAYS[:25] for name, many in MISSED.items() for n in range(many)]
    world.land(
        "attendance_events",
        [mark | {"school_id": name, "student_key": pupil, "on_date": day} for name, pupil, day in missed],
    )
    return world


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The district, built after its fall."""
    made = a_district(tmp_path_factory.mktemp("funnel"), **PEERS)
    made.build(DAYS[24])
    yield made
    made.close()


def test_terms_are_equal_parts_of_the_days_of_instruction(world: World) -> None:
    """Two names cut the year in halves by its own days, and a week belongs to the part in which it ends."""
    told = world.rows("select term, period_id, first_on, last_on from int_calendar__terms order by first_on")
    half = len(DAYS) // 2
    parts = (("fall", DAYS[:half]), ("spring", DAYS[half:]))
    assert [tuple(row.values()) for row in told] == [
        (name, f"2027_peers_{name}", days[0], days[-1]) for name, days in parts
    ]
    ends = "select distinct period_starts_on, period_ends_on from int_calendar__periods"
    fall = f"{ends} where period_id = '2027_peers_fall'"
    assert [tuple(row.values()) for row in world.rows(fall)] == [(FALL[0], FALL[-1])]


def test_funnel_compares_the_figures_of_the_term(world: World) -> None:
    """Counts are those of a loop over the days of the term; the school that misses most is the unusual one."""
    told = world.rows("select unit_id, numerator, denominator from fct_funnel order by 1")
    shown = {name: size for name, size in SIZES.items() if name not in hidden(world)}
    assert [tuple(row.values()) for row in told] == [
        (name, (size - MISSED[name]) * len(FALL), size * len(FALL)) for name, size in sorted(shown.items())
    ]
    rows = world.rows("select * from rpt_funnel where not is_suppressed order by unit_id")
    assert [row["unit_id"] for row in rows] == sorted(shown)
    assert {row["unit_id"]: row["verdict"] for row in rows}["s4"] == "unusual"
    assert {row["verdict"] for row in rows if row["unit_id"] != "s4"} == {"as others"}
    assert {row["period_label"] for row in rows} == {f"Term to {FALL[-1]:%B %-d, %Y}"}
    whole = sum(size * 1.0 for size in shown.values())
    centre = 1 - sum(MISSED[name] for name in shown) / whole
    assert {row["center"] for row in rows} == {round(centre, 2)}


def hidden(world: World) -> set[str]:
    """Return the schools that the gate hides."""
    found = world.rows("select distinct unit_id from rpt_funnel where is_suppressed")
    return {row["unit_id"] for row in found}


def test_hidden_school_keeps_its_row_and_nothing_else(world: World) -> None:
    """A school of four has the words of a gap; no number, no limit, no verdict, and no part in the comparison."""
    assert "few" in hidden(world)
    [row] = world.rows("select * from rpt_funnel where unit_id = 'few'")
    assert row["value_text"] == GAP_TEXT
    numbers = ("value", "n_text", "center", "limit_low", "limit_high", "verdict", "is_trim_dependent")
    assert {name: row[name] for name in numbers} == dict.fromkeys(numbers)
    assert world.rows("select * from fct_funnel where unit_id = 'few'") == []


def test_no_term_without_peers(world: World, tmp_path: Path) -> None:
    """A district that compares nobody any more has no terms and no table from that night on."""
    shutil.copytree(world.root, tmp_path / "state")
    world = World(tmp_path / "state", today=DAYS[24])
    shipped = declared_rows(load_deployment("riverbend"))
    [riverbend] = shipped["declared_district"]
    world.declare(**{name: riverbend[name] for name in POLICY})
    world.build(DAYS[24])
    for query in ("int_calendar__terms", "fct_funnel", "rpt_funnel"):
        assert world.rows(f"select count(*) as n from {query}") == [{"n": 0}], query
    assert world.rows("select count(*) as n from rpt_measures where period_kind = 'term'") == [{"n": 0}]
    world.close()
