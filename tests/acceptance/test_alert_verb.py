"""``aimline alert``: what is open, what happened to it, and what a person does with it."""

import csv
import io
import json
from datetime import date, timedelta

import pytest

from aimline.cli import main
from aimline.context import open_context
from aimline.signals import Evaluation, advance

BEGAN = date(2027, 1, 8)
AFTER = "2027-01-20"


@pytest.fixture
def ask(capsys, tmp_path):
    """Ask ``alert`` of Riverbend, whose journal holds one concern and one improvement; return what it prints."""
    root = str(tmp_path / "state")
    context = open_context("riverbend", as_of=BEGAN, state=root)
    for unit, effect, kind in (("0104", -0.02, "concern"), ("0109", 0.01, "improvement")):
        place, told = (unit, "attendance_rate", "all"), {"kind": kind, "details": {"priority": abs(effect) * 100}}
        weeks = [
            Evaluation(*place, BEGAN + timedelta(weeks=n), 0.001, effect, is_selected=True, **told) for n in (0, 1)
        ]
        for event in advance((), weeks, BEGAN + timedelta(weeks=1)):
            context.journal.append_alert_events([{**event.row(), "recorded_at": context.clock.instant()}])
    context.journal.close()

    def asking(*words, exit_code=0, day=AFTER):
        assert main(["alert", "riverbend", *words, "--as-of", day, "--state", root]) == exit_code
        said = capsys.readouterr()
        return said.out if exit_code == 0 else said.err

    return asking


def listed(text):
    """Return the rows of a CSV answer."""
    return list(csv.DictReader(io.StringIO(text)))


def id_of(ask, unit="0104"):
    """Return the id of a unit's alert."""
    return next(row["alert_id"] for row in listed(ask("list", "--format", "csv")) if row["unit_id"] == unit)


def test_list_shows_what_is_open(ask):
    """A row an alert, in the three forms, with its size and since when."""
    rows = listed(ask("list", "--format", "csv"))
    assert {(row["unit_id"], row["state"], row["kind"], row["effect"], row["since_on"]) for row in rows} == {
        ("0104", "ongoing", "concern", "-0.02", "2027-01-08"),
        ("0109", "ongoing", "improvement", "0.01", "2027-01-08"),
    }
    assert [row["kind"] for row in rows] == ["concern", "improvement"]
    answer = json.loads(ask("list", "--format", "json"))
    assert (list(answer), answer["summary"]) == (["rows", "summary", "notes"], {"n": 2})
    assert "0104" in ask("list")


def test_acknowledged_alert_has_an_owner_and_a_day(ask):
    """What somebody takes on is theirs until a day, and stays in the list."""
    name = id_of(ask)
    ask("ack", name, "--by", "p1", "--owner", "p2", "--due", "2027-02-01", "--ref", "winter_review")
    row = next(row for row in listed(ask("list", "--format", "csv")) if row["alert_id"] == name)
    assert (row["state"], row["owner"], row["due_on"], row["effect"]) == ("acknowledged", "p2", "2027-02-01", "-0.02")
    assert "has acknowledged" in ask("ack", name, "--by", "p1", "--due", "2027-02-01", exit_code=2)


def test_mute_and_unmute(ask):
    """A mute has a last day and a reason, is seen in the list, and can be taken back."""
    name = id_of(ask)
    ask("mute", name, "--by", "p1", "--until", "2027-02-10", "--reason", "flu")
    assert "2027-02-10" in ask("list")
    ask("unmute", name, "--by", "p1")
    assert "2027-02-10" not in ask("list")
    assert "not muted" in ask("unmute", name, "--by", "p1", exit_code=2)


def test_closed_alert_leaves_the_list(ask):
    """A person closes with a reason; the whole story stays."""
    name = id_of(ask)
    assert "needs a reason" in ask("close", name, "--by", "p1", exit_code=2)
    ask("close", name[:12], "--by", "p1", "--reason", "moved to another building")
    assert name not in ask("list")
    assert name in ask("list", "--all")
    told = listed(ask("show", name, "--format", "csv"))
    assert [row["event_type"] for row in told] == ["new", "ongoing", "closed"]
    assert (told[-1]["actor"], told[-1]["reason"]) == ("p1", "moved to another building")


def test_assigned_alert_has_another_owner(ask):
    """It is passed on without a new due date."""
    name = id_of(ask)
    ask("ack", name, "--by", "p1", "--due", "2027-02-01")
    ask("assign", name, "--by", "p1", "--owner", "p9")
    row = next(row for row in listed(ask("list", "--format", "csv")) if row["alert_id"] == name)
    assert (row["owner"], row["due_on"]) == ("p9", "2027-02-01")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ack",), "which alert is meant"),
        (("show", "alert_zzzz"), "there is no alert 'alert_zzzz'"),
        (("ack", "alert_"), "2 alerts begin with"),
        (("assign", "{id}"), "is done by somebody"),
        (("mute", "{id}", "--by", "p", "--until", "2027-06-01", "--reason", "x"), "more than 60 days"),
    ],
)
def test_refusals_say_what_is_missing(ask, words, message):
    """Exit code 2 and a sentence."""
    name = id_of(ask)
    assert message in ask(*(word.format(id=name) for word in words), exit_code=2)


def test_day_before_knows_nothing_of_it(ask):
    """What was done later is not seen on an earlier day."""
    name = id_of(ask)
    ask("close", name, "--by", "p1", "--reason", "x")
    assert name in ask("list", day="2027-01-19")
