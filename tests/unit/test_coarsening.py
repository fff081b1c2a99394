"""How coarsely the groups of a school year are told is chosen once, before anything of the year is published."""

from collections.abc import Iterator, Mapping
from datetime import date, time
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from aimline.clock import clock_for
from aimline.commands import coarsening
from aimline.commands.coarsening import choose_levels
from aimline.journal import open_journal
from aimline.storage import open_store
from aimline.transform import WAREHOUSE
from aimline.transform.visible import see
from aimline.warehouse import connect, quote_literal
from schemas.indicators import GroupSet
from schemas.policy import Coarsen, Disclosure

RACE = {"W": "white", "H": "hispanic", "P": "pacific", "N": "native"}
COARSEN = Coarsen(max_small_share=Fraction(1, 10), merge_groups=("pacific", "native"))
LAST, THIS, NEXT = 2026, 2027, 2028
FEW = {"a": {"W": 30, "H": 20, "P": 4, "N": 3}, "b": {"W": 30, "H": 20, "P": 5, "N": 4}}
MANY = {"a": {"W": 30, "H": 20, "P": 14, "N": 13}, "b": {"W": 30, "H": 20, "P": 15, "N": 14}}
CLOCK = clock_for("America/Chicago", time(4, 30), date(2026, 9, 1))


class Town:
    """A district whose warehouse has rosters alone, and its journal."""

    def __init__(self, root: Path) -> None:
        """Make the two tables that are read."""
        self.store = open_store(root)
        self.journal = open_journal(self.store)
        with connect(self.store.path(WAREHOUSE), role="night") as made:
            made.execute("create table int_enrollment__spans (student_key text, school_year int, school_id text)")
            made.execute(
                "create table int_groups__memberships "
                "(student_key text, school_year int, group_set_id text, declared_group_id text)"
            )

    def enroll(self, year: int, sizes: Mapping[str, Mapping[str, int]]) -> None:
        """Put a year's roster into the warehouse; students of two spans in a school are one."""
        with connect(self.store.path(WAREHOUSE), role="night") as made:
            for school, held in sizes.items():
                for value, n in held.items():
                    keys = f"select {quote_literal(school + value)} || number, {year}"
                    numbers = f"from range({n}) as numbers (number)"
                    for _ in range(2):
                        made.execute(f"insert into int_enrollment__spans {keys}, {quote_literal(school)} {numbers}")
                    group = quote_literal(RACE[value])
                    made.execute(f"insert into int_groups__memberships {keys}, 'race', {group} {numbers}")

    def night(self, coarsen: Coarsen | None = None, **disclosure: Any) -> bool:
        """Choose where something is to be chosen; say whether groups are told otherwise."""
        groups = GroupSet(group_set_id="race", attribute="race", values=RACE, unmapped="fail", member_on="latest")
        declared = SimpleNamespace(
            audiences=SimpleNamespace(disclosure=Disclosure(coarsen=coarsen, **disclosure)),
            indicators=SimpleNamespace(groups=[groups]),
        )
        context: Any = SimpleNamespace(
            deployment=declared, store=self.store, journal=self.journal, clock=CLOCK, run_id="t"
        )
        return choose_levels(context)

    def levels(self) -> dict[int, tuple[str, str]]:
        """What was chosen for each year, and why."""
        events = self.journal.events(coarsening.CHOSEN)
        return {int(event.subject_id): (event.payload["name"], event.payload["why"]) for event in events}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """A district whose last year has few of two groups, and this year many."""
    made = Town(tmp_path)
    yield made
    made.journal.close()


def test_a_level_is_chosen_once_a_year_and_holds(town: Town) -> None:
    """From last year's roster; years of one night alike; then nothing more; a new year is chosen for anew."""
    town.enroll(LAST, FEW)
    town.enroll(THIS, MANY)
    assert town.night() is False
    assert town.levels() == {}
    assert town.night(COARSEN) is True
    assert town.levels() == dict.fromkeys((LAST, THIS), ("merged_groups", "chosen"))
    payload = town.journal.events(coarsening.CHOSEN)[-1].payload
    assert (payload["roster_year"], payload["before"]["n_small"], payload["after"]["n_small"]) == (LAST, 6, 2)
    assert [(each["group_id"], each["told_id"]) for each in payload["told"]] == [
        ("pacific", "other_groups"), ("native", "other_groups")
    ]  # fmt: skip
    assert town.night(COARSEN) is False
    assert town.night() is False
    town.enroll(NEXT, FEW)
    assert town.night(COARSEN) is False  # this year's roster has no small group
    assert town.levels() == {
        LAST: ("merged_groups", "chosen"), THIS: ("merged_groups", "chosen"), NEXT: ("as_declared", "chosen")
    }  # fmt: skip


def test_a_year_whose_groups_were_told_stays_as_declared(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Coarsening that is declared in mid-year begins with the next one, and ends with the year it is taken back in."""
    monkeypatch.setattr(coarsening, "_told_years", lambda _context: {THIS})
    town.enroll(THIS, FEW)
    assert town.night(COARSEN) is False
    town.enroll(NEXT, FEW)
    assert town.night(COARSEN) is True
    town.enroll(NEXT + 1, FEW)
    assert town.night() is False
    assert town.levels() == {
        THIS: ("as_declared", "told"), NEXT: ("merged_groups", "chosen"), NEXT + 1: ("as_declared", "not_declared")
    }  # fmt: skip


def test_groups_of_no_page_are_not_counted(town: Town) -> None:
    """A partition that prints two of the groups has no small one."""
    town.enroll(THIS, FEW)
    assert town.night(COARSEN, partitions={"race": {"printed": ["W", "hispanic"]}}) is False
    assert town.journal.events(coarsening.CHOSEN)[0].payload["before"]["n_small"] == 0


def test_an_earlier_day_is_built_as_its_year_is_told(town: Town) -> None:
    """The level holds for the whole year, so a build of a day before it was chosen sees it; other events not."""
    town.enroll(THIS, FEW)
    town.night(COARSEN)
    seen = see(town.journal, date(2026, 8, 20), CLOCK.instant())
    assert [event.kind for event in seen.events] == [coarsening.CHOSEN]
