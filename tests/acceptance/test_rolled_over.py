"""The example district rolled twelve months: the next year is drafted, and no figure of the year before moves."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aimline.arrival import make_key_file
from aimline.cli import main
from aimline.commands._collecting import collect
from aimline.context import open_context
from aimline.schedule import calendar_rows
from aimline.settings import load_deployment
from aimline.transform import BuildRequest, build
from schemas.published import FIGURE_KEY, TABLES
from tests.support.declared import ROOT
from tests.support.small_world import World

YEAR, BEFORE, AFTER = 2027, date(2027, 6, 30), date(2028, 6, 30)
SCHOOLS = ("0101", "0102", "0103")
N_STUDENTS = 24
KEY = ("audience_id", "reader_unit_id", "figure_id")
MEASURED = "fct_measures"
SAID = (
    "period_kind",
    "value",
    "value_text",
    "value_low",
    "value_high",
    "n_text",
    "is_suppressed",
    "quality_state",
)
"""Columns that say what a figure is; the target and the day that go with it are those of the year that runs."""

Figures = Mapping[tuple[Any, ...], tuple[Any, ...]]


@dataclass(frozen=True)
class Rolled:
    """Riverbend in a folder of its own, its state root, and its published figures of the year on both days."""

    folder: Path
    before: Mapping[str, Figures]
    after: Mapping[str, Figures]


@pytest.fixture(scope="module")
def rolled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rolled]:
    """Build at the end of the year, draft the next one, and build a year later on nothing else that is new."""
    root = tmp_path_factory.mktemp("rolled")
    make_key_file("riverbend")
    folder = shutil.copytree(ROOT / "deployments/riverbend", root / "riverbend")
    world = World(root / "state", today=BEFORE)
    _attend(world, folder)
    _build(folder, world, BEFORE)
    before = _figures(world)
    assert main(["new", "year", str(folder), "2027-28"]) == 0
    _build(folder, world, AFTER)
    yield Rolled(folder, before, _figures(world))
    world.close()


def _attend(world: World, folder: Path) -> None:
    """Land schools, their students, and every day's attendance of the year."""
    days = {row["on_date"] for row in calendar_rows(load_deployment(str(folder))) if row["is_instructional"]}
    days = {day for day in days if date(2026, 8, 24) <= day <= date(2027, 5, 27)}
    opened = {"kind": "regular", "level": "elementary", "valid_from": date(1998, 8, 15), "opens_on": date(1998, 8, 15)}
    world.land("schools", [opened | {"school_id": each, "name": f"School {each}"} for each in SCHOOLS])
    students = [(f"s{number}", SCHOOLS[number % len(SCHOOLS)]) for number in range(N_STUDENTS * len(SCHOOLS))]
    shared = {"grade": "5", "entered_on": date(2026, 8, 19), "school_year": YEAR, "is_primary": True}
    world.land(
        "enrollment", [shared | {"student_key": one, "school_id": at, "enrollment_id": one} for one, at in students]
    )
    missed = [
        {"student_key": one, "school_id": at, "on_date": day, "category": "unexcused", "absence_fraction": "1"}
        for number, (one, at) in enumerate(students)
        for place, day in enumerate(sorted(days))
        if (place + number) % (7 + number % 11) == 0
    ]
    world.land("attendance_events", missed)
    sent = [
        {"school_id": at, "on_date": day, "homeroom_id": "all", "is_submitted": True} for at in SCHOOLS for day in days
    ]
    world.land("attendance_submissions", sent)


def _build(folder: Path, world: World, on: date) -> None:
    """Land what is declared on a day and build; no delivery has come."""
    context = open_context(str(folder), as_of=on, state=str(world.store.root))
    collect(context)
    build(BuildRequest("riverbend", context.store, context.journal, context.clock))
    context.journal.close()


def _figures(world: World) -> dict[str, Figures]:
    """Return of the measures, and of every published table with figures, the rows of the year by their key."""
    names = ", ".join(FIGURE_KEY)
    measured = world.rows(
        f"select * exclude (as_of, build_id) from fct_measures where school_year = {YEAR} order by {names}"
    )
    found = {MEASURED: {tuple(row[key] for key in FIGURE_KEY): tuple(row.values()) for row in measured}}
    for name, table in TABLES.items():
        columns = [column.name for column in table.columns]
        if {"school_year", *KEY} <= set(columns):
            rows = world.rows(f"from {name} where school_year = {YEAR}")
            found[name] = {tuple(row[key] for key in KEY): tuple(row[column] for column in SAID) for row in rows}
    return found


def test_the_year_has_figures_to_move(rolled: Rolled) -> None:
    """The comparison is of something: figures of schools and of the district, in more than one table."""
    assert sum(map(len, rolled.before.values())) > 100
    assert sum(bool(rows) for rows in rolled.before.values()) > 1


def test_no_measure_of_the_year_before_moved(rolled: Rolled) -> None:
    """Twelve months on every measure of 2026-27 is there, to the last digit, and none was added."""
    assert rolled.after[MEASURED] == rolled.before[MEASURED]


def test_no_published_figure_of_the_year_before_moved(rolled: Rolled) -> None:
    """What is still printed of 2026-27 says what it said; the page of a year that is over prints less of its course."""
    n_compared = 0
    for name, figures in rolled.before.items():
        if name == MEASURED:
            continue
        kept = [(said, rolled.after[name][key]) for key, said in figures.items() if key in rolled.after[name]]
        moved = {column for pair in kept for column, was, now in zip(SAID, *pair, strict=True) if was != now}
        assert (name, moved) == (name, set())
        n_compared += len(kept)
    assert n_compared > 50


def test_the_draft_opens_nothing(rolled: Rolled) -> None:
    """What was copied waits to be confirmed: no window of the new year is open, and its plan cannot be frozen."""
    words = ["--freeze", "--by", "p_014", "--reason", "Rolled over.", "--as-of", "2027-07-05", "--year", "2028"]
    assert main(["plan", str(rolled.folder), *words, "--state", str(rolled.folder / "none")]) == 2
