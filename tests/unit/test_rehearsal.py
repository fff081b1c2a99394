"""Which nights are rehearsed, and in which order vendors deliver and nights run."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from aimline.demo.rehearsal import Span, Vendors, left, nights, open_vendors, rehearse
from aimline.demo.world import WorldOptions
from aimline.errors import UsageError
from aimline.journal import Journal
from aimline.ledger.nights import Night, NightFacts, finished_event
from aimline.settings import Deployment, load_deployment
from aimline.storage import open_store

FIRST, LAST = date(2026, 10, 1), date(2026, 10, 31)
SMALL = WorldOptions(students=120, schools=3, years=1)


@pytest.fixture(scope="module")
def riverbend() -> Deployment:
    """The example district."""
    return load_deployment("riverbend")


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty journal."""
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


def test_every_night_is_every_day(riverbend: Deployment) -> None:
    """A rehearsal leaves no day of its span out unless it is asked to."""
    assert nights(riverbend, Span(FIRST, LAST)) == tuple(date(2026, 10, day) for day in range(1, 32))


def test_weeks_are_mondays_and_the_ends_of_the_span(riverbend: Deployment) -> None:
    """Once a week: Mondays; the first and last day are always run."""
    assert [night.day for night in nights(riverbend, Span(FIRST, LAST, "week"))] == [1, 5, 12, 19, 26, 31]


def test_fortnights_are_every_other_monday(riverbend: Deployment) -> None:
    """Every other Monday, counted from the first of the span, and its ends."""
    assert [night.day for night in nights(riverbend, Span(FIRST, LAST, "fortnight"))] == [1, 5, 19, 31]


def test_a_month_is_four_weeks(riverbend: Deployment) -> None:
    """Every fourth Monday, counted from the first of the span, and its ends."""
    days = nights(riverbend, Span(FIRST, date(2026, 12, 1), "month"))
    assert days == (FIRST, date(2026, 10, 5), date(2026, 11, 2), date(2026, 11, 30), date(2026, 12, 1))


def test_week_with_a_due_night_needs_no_other(riverbend: Deployment) -> None:
    """The fall survey opens on the 14th and the rubric on the 21st; a week in which nothing is due has its Monday."""
    assert [night.day for night in nights(riverbend, Span(FIRST, LAST, "due"))] == [1, 5, 14, 21, 31]


def test_span_that_ends_before_it_begins_is_refused(riverbend: Deployment) -> None:
    """Dates the wrong way round are a mistake, not an empty rehearsal."""
    with pytest.raises(UsageError, match=r"2026-10-31 .* 2026-10-01"):
        nights(riverbend, Span(LAST, FIRST))


def test_rehearsal_goes_on_after_the_last_finished_night(journal: Journal) -> None:
    """What finished is not run again."""
    chosen = [date(2026, 10, day) for day in (1, 5, 12)]
    assert left(chosen, journal) == tuple(chosen)
    night = Night("riverbend", chosen[1], "run")
    journal.append([finished_event(night, NightFacts(night.as_of))], at=datetime(2026, 10, 5, tzinfo=UTC))
    assert left(chosen, journal) == (chosen[2],)


def test_vendors_deliver_before_each_night(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each night finds what was sent since the night before it."""
    seen: list[object] = []
    monkeypatch.setattr(Vendors, "deliver", lambda _, since, until: seen.append((since, until)))
    rehearse([FIRST, LAST], seen.append, Vendors(tmp_path, tmp_path), None)
    assert seen == [(None, FIRST), FIRST, (FIRST, LAST), LAST]


def test_district_with_real_deliveries_has_no_vendors() -> None:
    """Where files wait already, nights simply run."""
    seen: list[date] = []
    rehearse([FIRST, LAST], seen.append, None, None)
    assert seen == [FIRST, LAST]


def test_vendors_are_made_once_beside_the_state_root(tmp_path: Path) -> None:
    """The vendors' files are no part of the state; another start finds the same ones."""
    store = open_store(tmp_path / "state")
    first = open_vendors(store, 7, SMALL)
    (first.world / "mark").touch()
    again = open_vendors(store, 7, SMALL)
    assert first.world.parent == tmp_path
    assert (again.world / "mark").exists()
