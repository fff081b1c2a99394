"""A review's evidence is frozen once, on its day, whatever happens that night. Source: reviews.md 3.2, 4."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest

from aimline.commands.night import move_windows
from aimline.commands.reviews import _seal, freeze_reviews, packets_built
from aimline.journal import Event
from aimline.ledger import restate
from aimline.ledger.reviews import (
    Item,
    Planned,
    completeness,
    due_for_freezing,
    frozen_figures,
    frozen_reviews,
)
from aimline.warehouse import connect
from schemas.published import FIGURE_KEY, figure_id
from tests.support.published_rows import build_snapshot
from tests.support.reviewed import NIGHT, RELEASE, night_of, put_release, snapshot_of_release

REVIEW = "2027_mid_year"
PLANNED = Planned(REVIEW, 2027, NIGHT, date(2027, 2, 1), ("belonging",))


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Published tables of one release."""
    return snapshot_of_release(tmp_path_factory.mktemp("release"))


def _night(tmp_path, snapshot, as_of=NIGHT, name="state"):
    context = night_of("riverbend", tmp_path / name, as_of)
    put_release(context, snapshot, as_of)
    return context


def test_a_review_is_due_from_its_packet_to_its_close():
    """Not before its day, every night after it until frozen, never once it is closed."""
    days = {NIGHT - timedelta(days=1): 0, NIGHT: 1, date(2027, 2, 1): 1, date(2027, 2, 2): 0}
    assert {day: len(due_for_freezing([PLANNED], (), day)) for day in days} == days
    assert due_for_freezing([PLANNED], (REVIEW,), NIGHT) == []


def test_completeness_is_the_mean_of_what_is_needed():
    """Whole and half and missing make a half; nothing needed is nothing missing."""
    parts = [Item(str(n), "window", "open", Fraction(n, 2)) for n in range(3)]
    assert completeness(parts) == Fraction(1, 2)
    assert completeness([]) == 1


def test_freezing_copies_what_the_packet_shows(tmp_path, snapshot):
    """Indicators of goals and strategies for every reader, under ids of their own, and nothing else."""
    context = _night(tmp_path, snapshot)
    assert freeze_reviews(context).frozen == (REVIEW,)
    frozen = frozen_reviews(context.journal)[REVIEW]
    rows = frozen_figures(context.store, frozen)
    with connect(snapshot, role="build", read_only=True) as connection:
        named = "audience_id, reader_unit_id, figure_id, value_text, is_suppressed, status"
        wanted = connection.rows(f"select {named} from rpt_indicator_status where indicator_id <> 'student_calls'")
    seen = {(row["audience_id"], row["reader_unit_id"], row["source_figure_id"]): row for row in rows}
    for row in wanted:
        copy = seen[row["audience_id"], row["reader_unit_id"], row["figure_id"]]
        assert [copy[key] for key in ("value_text", "is_suppressed", "status")] == list(row.values())[3:]
        assert copy["figure_id"] != row["figure_id"]
    assert {row["evidence_release_id"] for row in rows} == {RELEASE}
    assert "response_rate" in {row["measure_id"] for row in rows}


def test_frozen_figures_are_a_delivery_of_the_build(tmp_path, snapshot):
    """They come as one accepted batch that fills the slot of the review."""
    context = _night(tmp_path, snapshot)
    freeze_reviews(context)
    (batch,) = context.journal.events("batch_accepted")
    assert (batch.payload["entity"], batch.payload["slots"]) == ("review_figures", [REVIEW])
    assert batch.payload["n_received"] == batch.payload["n_accepted"] > 0
    assert context.store.exists(f"accepted/review_figures/batch={batch.subject_id}/part-0.parquet")


def test_freezing_twice_is_freezing_once(tmp_path, snapshot):
    """The second run of the night freezes nothing; a run killed before it told the journal writes the same bytes."""
    context, other = _night(tmp_path, snapshot), _night(tmp_path, snapshot, name="other")
    freeze_reviews(context)
    packets_built(context, RELEASE)
    seqs = [event.seq for event in context.journal.events()]
    assert freeze_reviews(context).frozen == ()
    assert [event.seq for event in context.journal.events()] == seqs
    freeze_reviews(other)
    key = next(key for key in context.store.keys("accepted/review_figures"))
    assert context.store.read(key) == other.store.read(key)


def test_a_packet_that_is_not_out_is_still_to_be_built(tmp_path, snapshot):
    """A run that ended between freeze and packet is told again that the packet is to go out, until it is."""
    context = _night(tmp_path, snapshot)
    assert freeze_reviews(context).frozen == freeze_reviews(context).frozen == (REVIEW,)
    assert packets_built(context, RELEASE) == (REVIEW,)
    assert packets_built(context, RELEASE) == ()


def test_without_a_release_the_review_waits(tmp_path, snapshot):
    """A night without a release freezes nothing; the next one does, on its own release."""
    first = night_of("riverbend", tmp_path / "state")
    assert (freeze_reviews(first).frozen, freeze_reviews(first).waiting) == ((), (REVIEW,))
    later = night_of("riverbend", tmp_path / "state", date(2027, 1, 7))
    put_release(later, snapshot, date(2027, 1, 7), "r20270107-0123456789")
    assert freeze_reviews(later).frozen == (REVIEW,)
    assert frozen_reviews(later.journal)[REVIEW].release_id == "r20270107-0123456789"


def test_what_has_not_come_is_listed(tmp_path, snapshot):
    """Nothing was collected here: every need is listed with its owner, and the evidence is provisional."""
    context = _night(tmp_path, snapshot)
    freeze_reviews(context)
    (event,) = context.journal.events("review_frozen")
    assert (event.payload["completeness"], event.payload["is_provisional"]) == (0, True)
    items = {each["item"]: (each["kind"], each["owner_role"]) for each in event.payload["items"]}
    assert items["sel_survey_fall"] == ("window", "research")
    assert items["sis_attendance"] == ("source", "data_engineer")


def _rate(estimator, window_id):
    """Return one published response rate of the district, counted one way."""
    row = {"measure_id": "response_rate", "profile_id": "default", "school_year": 2027, "period_kind": "window"}
    row |= {"period_id": window_id, "unit_type": "district", "unit_id": "riverbend", "group_set_id": "all"}
    row |= {"group_id": "all", "subject_id": "staff_climate", "value_unit": "share", "value_text": "71%"}
    name = figure_id({**row, "estimator": estimator}[part] for part in FIGURE_KEY)
    return {**row, "figure_id": name, "audience_id": "board", "reader_unit_id": "riverbend", "is_suppressed": False}


def test_a_survey_without_an_indicator_still_shows_who_answered(tmp_path):
    """The response rate of a needed survey is evidence, counted one way only, under the words of its window."""
    rates = [_rate("gross", "staff_survey"), _rate("net", "staff_survey"), _rate("gross", "sel_survey_winter")]
    snapshot = build_snapshot(tmp_path / "made.duckdb", {"rpt_measures": rates})
    context = _night(tmp_path, snapshot)
    freeze_reviews(context)
    rows = frozen_figures(context.store, frozen_reviews(context.journal)[REVIEW])
    assert [(row["source_figure_id"], row["indicator_label"]) for row in rows] == [
        (rates[0]["figure_id"], "Staff survey: response rate")
    ]


def _accepted(context, source_id, at):
    """Tell the journal of an accepted delivery."""
    payload = {"source_id": source_id, "received_at": at, "entity": "responses"}
    event = Event("batch_accepted", f"{source_id}{at}", at.date(), f"{source_id}{at}", payload)
    context.journal.append([event], at=at)


def _share(context, item):
    (event,) = context.journal.events("review_frozen")
    return next(each["completeness"] for each in event.payload["items"] if each["item"] == item)


def test_last_years_answers_do_not_complete_this_years_window(tmp_path, snapshot):
    """A sealed window is in only when something came for it since it opened."""
    context = _night(tmp_path, snapshot)
    move_windows(context)
    _accepted(context, "survey_vendor", datetime(2026, 5, 1, tzinfo=UTC))
    _accepted(context, "staff_survey_vendor", datetime(2026, 12, 9, tzinfo=UTC))
    freeze_reviews(context)
    assert (_share(context, "sel_survey_fall"), _share(context, "staff_survey")) == (0, 1)


def test_a_feed_that_stopped_is_partly_in(tmp_path, snapshot):
    """Attendance that came for two weeks of the year and stopped counts for the share of days that came."""
    context = _night(tmp_path, snapshot)
    first = datetime(2026, 8, 20, 8, tzinfo=UTC)
    for n in range(14):
        _accepted(context, "sis_attendance", first + timedelta(days=n))
    freeze_reviews(context)
    assert 0.05 < _share(context, "sis_attendance") < 0.2


@pytest.mark.parametrize(("share", "sealed"), [(1.0, ["mid_year_2027"]), (0.99, [])])
def test_a_review_with_all_its_evidence_seals_the_figures(tmp_path, monkeypatch, share, sealed):
    """Frozen whole, the mid-year review makes the figures official; a provisional one does not."""
    told = []
    monkeypatch.setattr(restate, "seal", lambda _store, _journal, name, _at: told.append(name))
    _seal(night_of("riverbend", tmp_path / "state", NIGHT), PLANNED, share)
    assert told == sealed
