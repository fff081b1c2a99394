"""What is told of a night comes from the journal's events of its day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from aimline.commands.night import tell_missing_year
from aimline.journal import Event, Journal
from aimline.ledger.nights import Night, NightFacts, finished_event, last_finished, night_facts, step_event
from tests.support.declared import year_of

NIGHT = date(2026, 10, 14)
AT = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An empty journal."""
    opened = Journal(tmp_path / "journal.db")
    yield opened
    opened.close()


def batch(name: str, kind: str = "batch_accepted", quarantined: int = 0, as_of: date = NIGHT) -> Event:
    """A delivery of the night."""
    payload = {"batch_id": name, "source_id": f"source_{name}", "n_quarantined": quarantined}
    return Event(kind, name, as_of, name, payload)


def test_facts_are_those_of_the_day(journal: Journal) -> None:
    """Batches of other nights are not counted."""
    journal.append([batch("a", quarantined=2), batch("b", "batch_held"), batch("c", as_of=date(2026, 10, 13))], at=AT)
    facts = night_facts(journal, NIGHT)
    assert (facts.batches, facts.held, facts.n_quarantined) == (("a",), ("source_b",), 2)


def test_message_of_collect_counts_what_came(journal: Journal) -> None:
    """A step is told in counts, each with its plural."""
    journal.append([batch("a", quarantined=1), batch("b"), batch("c", "batch_held")], at=AT)
    assert night_facts(journal, NIGHT).message("collect") == "2 batches accepted, 1 batch held, 1 row quarantined"


def test_declared_facts_are_no_deliveries(journal: Journal) -> None:
    """A changed YAML file lands many tables; the night says so apart from the files that came."""
    landed = {"batch_id": "d", "source_id": "declared", "entity": "declared_goals", "n_quarantined": 0}
    journal.append([batch("a"), Event("batch_accepted", "d", NIGHT, "d", landed)], at=AT)
    facts = night_facts(journal, NIGHT)
    assert (facts.batches, facts.declared) == (("a",), ("declared_goals",))
    assert facts.message("collect") == "1 batch accepted, 1 table declared"


@pytest.mark.parametrize("step", ["due", "collect", "build", "publish", "review", "alert"])
def test_nothing_done_is_told_by_nothing(step: str) -> None:
    """A step that had nothing to do has no message."""
    assert NightFacts(NIGHT).message(step) == ""  # type: ignore[arg-type]


def test_newest_build_and_release_of_the_night_count(journal: Journal) -> None:
    """A review night builds and publishes twice; the second is the night's."""
    for name in ("one", "two"):
        build = {"build_id": name, "n_touched_days": 1, "findings": [f"rule_{name}"]}
        journal.append([Event("build_finished", "warehouse.duckdb", NIGHT, f"b{name}", build)], at=AT)
        journal.append([Event("release_promoted", f"r{name}", NIGHT, f"r{name}")], at=AT)
    facts = night_facts(journal, NIGHT)
    assert (facts.build_id, facts.findings, facts.release_id) == ("two", ("rule_two",), "rtwo")
    assert (facts.message("build"), facts.message("publish")) == ("two", "rtwo")


def test_same_words_are_the_same_event(journal: Journal) -> None:
    """A step told again in the same words is not written again; in other words it is."""
    night = Night("riverbend", NIGHT, "run")
    told = [step_event(night, "collect", "done", words) for words in ("2 batches", "2 batches", "3 batches")]
    assert len(journal.append(told, at=AT)) == 2


def test_held_delivery_makes_a_night_end_with_findings() -> None:
    """Somebody must see to what was held; a quiet night is simply finished."""
    night = Night("riverbend", NIGHT, "run")
    quiet, held = NightFacts(NIGHT), NightFacts(NIGHT, held=("survey",), late=("survey", "sis"))
    assert finished_event(night, quiet).payload["state"] == "finished"
    assert finished_event(night, held).payload["state"] == "finished_with_findings"
    assert held.to_act_on == ("held survey", "late sis", "late survey")


@pytest.mark.parametrize(("day", "told"), [("2027-06-30", ()), ("2027-07-01", ("calendar missing 2027-28",))])
def test_missing_year_is_told_every_night(journal: Journal, day: str, told: tuple[str, ...]) -> None:
    """From the first day of a money year without a file every night ends with the finding, and goes on."""
    year = year_of("2026-08-19", "2027-05-27", fiscal_year={"starts": "2026-07-01"}).shape
    deployment = SimpleNamespace(years={2027: year})
    for as_of in (date.fromisoformat(day), date(2027, 7, 2)):
        clock = SimpleNamespace(as_of=as_of, instant=lambda: AT)
        context = SimpleNamespace(deployment=deployment, clock=clock, journal=journal, run_id="run")
        tell_missing_year(context)  # type: ignore[arg-type]
    assert night_facts(journal, date.fromisoformat(day)).to_act_on == told
    assert night_facts(journal, date(2027, 7, 2)).to_act_on == ("calendar missing 2027-28",)


def test_last_finished_is_the_newest_day(journal: Journal) -> None:
    """A night of an earlier day that was run again does not move the newest back."""
    assert last_finished(journal) is None
    for day in (14, 3):
        night = Night("riverbend", date(2026, 10, day), "run")
        journal.append([finished_event(night, NightFacts(night.as_of))], at=AT)
    last = last_finished(journal)
    assert last is not None
    assert last.as_of == NIGHT
