"""``aimline due``: what a day asks, as people and as programs read it, and saying that something is done."""

import json
import sqlite3

import pytest

from aimline.cli import main

KEYS = ["id", "action", "due_on", "subject_id", "owner", "overdue_school_days", "reason"]


@pytest.fixture
def ask(capsys, tmp_path):
    """Ask ``due`` of Riverbend with a state root of its own; return what it prints."""

    def asking(*words, exit_code=0):
        assert main(["due", "riverbend", "--state", str(tmp_path / "state"), *words]) == exit_code
        said = capsys.readouterr()
        return said.out if exit_code == 0 else said.err

    return asking


def told(text):
    """The items of a JSON answer by action and id."""
    return {(item["action"], item["id"]): item for item in json.loads(text)["items"]}


def test_json_has_its_keys_in_their_order(ask):
    """Deployment, day, the day before it where no night has run yet, and items of seven keys."""
    answer = json.loads(ask("--as-of", "2027-01-06", "--format", "json"))
    assert list(answer) == ["deployment", "as_of", "since", "items"]
    assert (answer["as_of"], answer["since"]) == ("2027-01-06", "2027-01-05")
    assert all(list(item) == KEYS for item in answer["items"])


def test_the_day_of_a_packet_asks_for_it(ask):
    """The deliveries of the day and a look at every source."""
    found = told(ask("--as-of", "2027-01-06", "--format", "json"))
    assert ("check_arrival", "sis_attendance.2027-01-06") in found
    assert sum(action == "collect" for action, _ in found) == 12


def test_a_gap_is_covered(ask):
    """After nights without a run, everything since the last one is due, with how late it is."""
    found = told(ask("--as-of", "2027-01-13", "--since", "2027-01-05", "--format", "json"))
    late = found["check_arrival", "sis_attendance.2027-01-06"]
    assert late["overdue_school_days"] == 5
    assert found["transition", "sel_survey_winter"]["due_on"] == "2027-01-13"


def test_the_span_begins_with_the_last_night(ask, tmp_path):
    """Without --since, what was due on the day of the last finished night is not due again."""
    from datetime import date

    from aimline.context import open_context
    from aimline.journal import Event

    context = open_context("riverbend", as_of=date(2027, 1, 2), state=str(tmp_path / "state"))
    event = Event("night_finished", "riverbend/2027-01-02", date(2027, 1, 2), "k", {"state": "finished"})
    context.journal.append([event], at=context.clock.instant())
    context.journal.close()
    assert json.loads(ask("--as-of", "2027-01-06", "--format", "json"))["since"] == "2027-01-02"


def test_what_is_acknowledged_is_told_to_nobody(ask, tmp_path):
    """It is written down who said so and how long it took; twice is once, and no reminder of it is left."""
    span = ("--as-of", "2026-10-16", "--since", "2026-10-01", "--format", "json")
    assert ("remind", "a_training") in told(ask(*span))
    said = ask("--as-of", "2026-10-01", "--ack", "a_training", "--by", "p_031")
    assert said == "riverbend: a_training, due 2026-10-16, is done on 2026-10-01, by p_031.\n"
    assert "is done already" in ask("--as-of", "2026-10-02", "--ack", "a_training", "--by", "p_031")
    assert ("remind", "a_training") not in told(ask(*span))
    with sqlite3.connect(tmp_path / "state" / "ledger" / "journal.db") as journal:
        rows = journal.execute("select kind, subject_id, as_of from events").fetchall()
    assert rows == [(kind, "a_training", "2026-10-01") for kind in ("due_done", "obligation_done")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--ack", "a_trainin", "--by", "p_031"), "has no item 'a_trainin'. Did you mean 'a_training'?"),
        (("--ack", "a_training", "--by", "p_999"), "has no person 'p_999'. People of its plans: p_014"),
        (("--ack", "a_training"), "--ack and --by go together."),
        (("--as-of", "2027-13-06"), "write it as 2026-09-07"),
    ],
)
def test_a_mistake_of_the_caller_is_told(ask, words, message):
    """What is not there is named, with what there is."""
    assert message in ask(*words, exit_code=2)


def test_a_look_makes_no_state_root(ask, tmp_path):
    """Looking at dates writes nothing."""
    ask("--as-of", "2027-01-06")
    assert not (tmp_path / "state").exists()
