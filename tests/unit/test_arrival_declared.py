"""Declared facts land as rows once; deliveries are matched with what was expected of their source."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from aimline.arrival import DeclaredRequest, DeclaredRows, accepted_key, expectation_met, land_declared, late_now
from aimline.journal import open_journal
from aimline.storage import open_store
from aimline.warehouse import connect, quote_literal

NIGHT = date(2026, 10, 8)
AT = datetime(2026, 10, 8, 9, 30, tzinfo=UTC)


def request(root: Path, as_of: date = NIGHT, **rows: list[dict]) -> DeclaredRequest:
    """Return a request to land rows of some kinds."""
    store = open_store(root)
    held = {f"declared_{kind}": DeclaredRows(each) for kind, each in rows.items()}
    at = AT + (as_of - NIGHT)
    return DeclaredRequest(store, open_journal(store), "tiny", held, as_of, at, f"tiny-{as_of:%Y%m%d}")


def person(name: str) -> dict:
    return {"person": name, "role": "sel_lead", "active_from": date(2026, 7, 1), "active_to": None}


def batches(root: Path) -> list[dict]:
    store = open_store(root)
    journal = open_journal(store)
    found = [dict(event.payload) for event in journal.events("batch_accepted")]
    journal.close()
    return found


def rows_of(root: Path, entity: str, batch_id: str) -> list[dict]:
    path = quote_literal(str(root / accepted_key(entity, batch_id)))
    with connect(role="memory") as connection:
        return connection.rows(f"from read_parquet({path}, hive_partitioning = false)")


def test_declared_rows_are_written_with_their_types(tmp_path: Path) -> None:
    """Columns as declared, nulls kept, the envelope around them, one slot where there is no year."""
    assert land_declared(request(tmp_path, people=[person("p_001")])) == ("declared_people",)
    (told,) = batches(tmp_path)
    (row,) = rows_of(tmp_path, "declared_people", told["batch_id"])
    assert (row["person"], row["active_from"], row["active_to"]) == ("p_001", date(2026, 7, 1), None)
    assert (row["source_id"], row["slot"], row["row_no"], row["is_deleted"]) == ("declared", "all", 1, False)
    assert (told["slots"], told["load_mode"], told["n_accepted"]) == (["all"], "full", 1)


def test_rows_of_a_year_fill_that_years_slot(tmp_path: Path) -> None:
    """A kind with a school year has a slot a year."""
    goals = [{"goal_id": "g1", "school_year": year} for year in (2026, 2027)]
    columns = dict.fromkeys(("goal_no", "statement_en", "primary_indicator_id"))
    land_declared(request(tmp_path, goals=[goal | columns for goal in goals]))
    assert batches(tmp_path)[0]["slots"] == ["2026", "2027"]


def test_unchanged_facts_make_no_new_batch(tmp_path: Path) -> None:
    """The next night has nothing to say."""
    land_declared(request(tmp_path, people=[person("p_001")]))
    assert land_declared(request(tmp_path, NIGHT + timedelta(days=1), people=[person("p_001")])) == ()
    assert len(batches(tmp_path)) == 1


def test_fact_that_changes_back_is_a_new_batch(tmp_path: Path) -> None:
    """What holds now is what was landed last, whatever held before it."""
    for day, name in enumerate(("p_001", "p_002", "p_001")):
        land_declared(request(tmp_path, NIGHT + timedelta(days=day), people=[person(name)]))
    told = batches(tmp_path)
    assert len({each["batch_id"] for each in told}) == 3
    assert rows_of(tmp_path, "declared_people", told[-1]["batch_id"])[0]["person"] == "p_001"


def test_kind_without_rows_is_landed_empty(tmp_path: Path) -> None:
    """The last person taken out of a plan leaves nobody, not the one before."""
    land_declared(request(tmp_path, people=[person("p_001")]))
    assert land_declared(request(tmp_path, NIGHT + timedelta(days=1), people=[])) == ("declared_people",)
    assert rows_of(tmp_path, "declared_people", batches(tmp_path)[-1]["batch_id"]) == []


@dataclass(frozen=True)
class Due:
    """One expectation of a source."""

    expected_on: date
    through_on: date | None = None
    source_id: str = "feed"
    school_year: int = 2027
    grace: int = 0

    @property
    def due_at(self) -> datetime:
        return datetime(self.expected_on.year, self.expected_on.month, self.expected_on.day, 9, tzinfo=UTC)

    @property
    def late_at(self) -> datetime:
        return self.due_at + timedelta(days=self.grace)


MONDAYS = [Due(date(2026, 9, 1)), Due(date(2026, 9, 8)), Due(date(2026, 9, 14))]  # the 7th is a holiday
DAILY = [Due(date(2026, 9, 10), date(2026, 9, 9)), Due(date(2026, 9, 11), date(2026, 9, 10))]
DAYS = {date(2026, 9, day): day not in {5, 6, 7, 12, 13} for day in range(1, 20)}


@pytest.mark.parametrize(
    ("expected", "named_on", "came_on", "met"),
    [
        (MONDAYS, date(2026, 9, 14), date(2026, 9, 14), date(2026, 9, 14)),
        (MONDAYS, date(2026, 9, 15), date(2026, 9, 15), date(2026, 9, 14)),
        (MONDAYS, date(2026, 9, 7), date(2026, 9, 7), date(2026, 9, 8)),
        (MONDAYS, date(2026, 8, 1), date(2026, 9, 14), None),
        (MONDAYS, None, date(2026, 9, 9), date(2026, 9, 8)),
        (MONDAYS, date(2026, 9, 14), date(2026, 6, 14), None),
        (DAILY, date(2026, 9, 9), date(2026, 9, 15), date(2026, 9, 10)),
        (DAILY, date(2026, 9, 10), date(2026, 9, 10), date(2026, 9, 11)),
        ([], date(2026, 9, 10), date(2026, 9, 10), None),
    ],
)
def test_delivery_meets_what_its_name_or_its_day_says(expected, named_on, came_on, met) -> None:
    """A late file meets the day it is of; one of a holiday the next school day; history meets nothing of this year."""
    found = expectation_met(expected, named_on=named_on, came_on=came_on, school_days=DAYS)
    assert (found.expected_on if found else None) == met


def test_only_what_nothing_met_and_whose_grace_is_over_is_late() -> None:
    """Late from the end of its grace on; what ended before the beginning is history."""
    expected = [Due(date(2026, 9, day), grace=day % 2) for day in (1, 8, 9, 10)]
    since, now = datetime(2026, 9, 2, 12, tzinfo=UTC), datetime(2026, 9, 9, 9, 30, tzinfo=UTC)
    late = late_now(expected, set(), since=since, now=now)
    assert [each.expected_on.day for each in late] == [8]
    assert late_now(expected, {("feed", date(2026, 9, 8))}, since=since, now=now) == []
