"""The state of a school year from draft to sealed, told once; what a year of unconfirmed dates may not do."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from aimline.arrival import make_key_file
from aimline.arrival.written import accepted_key
from aimline.cli import main
from aimline.commands import _deciding
from aimline.commands._dated import told_by
from aimline.commands._schools import CHANGED
from aimline.commands.night import BLOCKED, Tonight
from aimline.commands.years import YEAR_MOVED, record_years, seal_years, year_states
from aimline.context import open_context
from aimline.journal import Event
from aimline.ledger import restate
from aimline.warehouse import connect
from schemas.published import FIGURE_KEY
from tests.support.declared import ROOT
from tests.support.surveyed import LIST_ON, OPENS, Surveyed

LAST, AFTER = date(2019, 5, 31), date(2019, 6, 3)
REVIEW = """reviews:
  - {id: end_of_year, kind: end_of_year, on: 2019-05-28, needs: [pulse], chair: research, scribe: research}
"""


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surveyed:
    """A small district with an end-of-year review, its year frozen before it began."""
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path / "home"))
    make_key_file("smalltown")
    made = Surveyed(tmp_path)
    path = made.folder / "years/2018-19.yml"
    path.write_text(path.read_text(encoding="utf-8") + REVIEW, encoding="utf-8")
    return made


def states(district: Surveyed, on: date) -> dict[int, str]:
    """Record the states of a day and return them."""
    context = open_context(str(district.folder), as_of=on, state=str(district.state))
    try:
        record_years(context)
        return year_states(context)
    finally:
        context.journal.close()


def told(district: Surveyed) -> list[tuple[str, str]]:
    """Return every change of state that was written down."""
    events = [event.payload for event in district.events(YEAR_MOVED)]
    return [(each["from_state"], each["to_state"]) for each in events]


def test_year_goes_through_its_states(district: Surveyed) -> None:
    """Proposed until it is frozen, active from its first day, closing after its last; each change told once."""
    days = [date(2018, 8, 19), date(2018, 8, 20), date(2018, 8, 21), LAST, AFTER, AFTER]
    assert [states(district, day)[2019] for day in days] == [
        *("proposed", "active", "active", "active", "closing", "closing"),
    ]
    assert told(district) == [("", "proposed"), ("proposed", "active"), ("active", "closing")]


def attendance(district: Surveyed, on: date) -> None:
    """Accept the attendance of a day."""
    payload = {"entity": "attendance_counts", "slots": [on.isoformat()], "received_at": f"{on}T11:00:00+00:00"}
    context = open_context(str(district.folder), as_of=on, state=str(district.state))
    event = Event("batch_accepted", f"b{on}", on, f"b{on}", payload | {"source_id": "counts"})
    context.journal.append([event], at=context.clock.instant())
    context.journal.close()


@pytest.mark.parametrize(
    ("day", "left", "state"),
    [(LAST, 0, "sealed"), (date(2019, 5, 30), 0, "closing"), (LAST, 2, "closing"), (LAST, None, "closing")],
)
def test_year_is_sealed_when_nothing_of_it_is_open(
    district: Surveyed, monkeypatch: pytest.MonkeyPatch, day: date, left: int | None, state: str
) -> None:
    """Its last attendance is in, its end-of-year review was held, each decision is recorded: all three."""
    attendance(district, day)
    monkeypatch.setattr(_deciding, "what_is_left", lambda _context, review: left if review == "2019_end_of_year" else 9)
    assert states(district, AFTER)[2019] == state


def landed(district: Surveyed, entity: str, on: date, rows: str) -> None:
    """Accept some rows of an entity, as SQL values with the names of their columns."""
    context = open_context(str(district.folder), as_of=on, state=str(district.state))
    path = context.store.path(accepted_key(entity, f"b{entity}"))
    path.parent.mkdir(parents=True)
    told = "false as is_deleted, timestamp '2018-08-01' as received_at, 1 as row_no"
    with connect(role="build") as made:
        made.execute(f"copy (select *, {told} from {rows}) to '{path}' (format parquet)")
    payload = {"entity": entity, "slots": [], "received_at": f"{on}T11:00:00+00:00", "source_id": entity}
    context.journal.append(
        [Event("batch_accepted", f"b{entity}", on, f"b{entity}", payload)], at=context.clock.instant()
    )
    context.journal.close()


def test_schools_change_once_when_the_year_is_activated(district: Surveyed) -> None:
    """A merger of the summer is applied on the first active night, told once; what was theirs is the heir's."""
    day = date(2018, 8, 19)
    merged = "(values ('e1', 'merge', date '2018-07-01', '0001', '0002', 1))"
    landed(district, "school_events", day, f"{merged} as v(event_id, event, on_date, from_id, to_id, share)")
    new = "(values ('0003', date '2018-08-01', date '2018-08-01', null::date))"
    landed(district, "schools", day, f"{new} as v(school_id, valid_from, opens_on, closes_on)")
    for night in (day, date(2018, 8, 20), date(2018, 8, 21)):
        states(district, night)
    assert [(e.subject_id, e.payload["event"]) for e in district.events(CHANGED)] == [
        ("0001", "merge"),
        ("0003", "open"),
    ]
    context = open_context(str(district.folder), as_of=date(2018, 8, 21), state=str(district.state))
    assert told_by(context.journal, date(2018, 8, 21)).heirs == {"0001": "0002"}
    assert Tonight(context).agenda.plans
    context.journal.close()


def test_sealed_year_keeps_its_figures_once(district: Surveyed, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first night on which a year is sealed keeps its official figures; no other night, and no year before."""
    attendance(district, LAST)
    monkeypatch.setattr(_deciding, "what_is_left", lambda *_: 0)
    monkeypatch.setattr(restate, "built_key", lambda *_: "warehouse.duckdb")
    kept = []
    for day in (LAST, AFTER, AFTER):
        context = open_context(str(district.folder), as_of=day, state=str(district.state))
        with connect(context.store.path("warehouse.duckdb"), role="build") as made:
            made.execute("create schema if not exists landed")
            made.execute("create or replace table landed.through as select date '2019-06-03' as as_of, 'b' as build_id")
            made.execute(f"create or replace table fct_measures as select 1 as {', 1 as '.join(FIGURE_KEY)}")
        record_years(context)
        kept.append(seal_years(context))
        context.journal.close()
    assert kept == [(), ("final_2019",), ()]
    assert (district.state / "sealed/final_2019.parquet").is_file()


def test_review_that_was_not_frozen_was_not_held(district: Surveyed) -> None:
    """Nothing is left of a review only when somebody has met over its evidence."""
    context = open_context(str(district.folder), as_of=AFTER, state=str(district.state))
    assert _deciding.what_is_left(context, "2019_end_of_year") is None
    context.journal.close()


def test_windows_of_a_proposed_year_stay_shut(district: Surveyed) -> None:
    """A frozen plan whose year has dates that nobody confirmed is proposed again: its windows say what to do."""
    path = district.folder / "years/2018-19.yml"
    path.write_text(path.read_text(encoding="utf-8") + "confirm: [2019-05-28]\n", encoding="utf-8")
    for night in (LIST_ON, OPENS):
        district.night(night)
    (event,) = [each for each in district.events(BLOCKED) if each.as_of == OPENS]
    assert (event.payload["guard"], district.standing()) == ("G1", "blocked")
    assert "its year is proposed, 1 date copied from 2017-18, not confirmed" in event.payload["message"]


BANNER = "36 dates copied from 2026-27, not confirmed"


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of Riverbend with the draft of the next year."""
    made = tmp_path_factory.mktemp("drafted") / "riverbend"
    shutil.copytree(ROOT / "deployments/riverbend", made)
    assert main(["new", "year", str(made), "2027-28"]) == 0
    return made


@pytest.mark.parametrize(
    "words", [["calendar"], ["calendar", "--format", "json"], ["calendar", "--format", "ics"], ["plan"]]
)
def test_every_calendar_says_that_dates_were_copied(
    drafted: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    """Whoever looks at the draft reads how many of its dates nobody has confirmed; JSON keeps its keys."""
    main([words[0], str(drafted), "--year", "2028", *words[1:], "--state", str(drafted / "none")])
    out, err = capsys.readouterr()
    assert BANNER in (err if "json" in words else out.replace("\r\n ", "").replace("\\,", ","))
