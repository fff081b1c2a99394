"""``aimline plan``: what a person sees in July, what a program reads, freezing, and what is refused."""

import json
from datetime import date

import pytest

from aimline.cli import main
from tests.support.declared import changed_copy

YEAR = "years/2026-27.yml"
ITEM = ["id", "kind", "opens_on", "closes_on", "due_on", "owner", "depends_on", "slack_school_days", "rule"]
PASSES = ["earliest_start", "earliest_finish", "latest_start", "latest_finish", "float_school_days", "duration", "unit"]


@pytest.fixture
def ask(capsys, tmp_path):
    """Ask a verb with a state root of its own; return what it prints."""

    def asking(*words, exit_code=0):
        assert main([*words, "--state", str(tmp_path / "state")]) == exit_code, capsys.readouterr()
        said = capsys.readouterr()
        return said.out if not said.err else said.err

    return asking


def _freeze(ask, folder="riverbend", as_of="2026-07-15", **rest):
    told = ("--freeze", "--by", "p_014", "--reason", "Dates for the year")
    return ask("plan", str(folder), "--as-of", as_of, *told, **rest)


def test_the_example_district_reaches_its_reviews(ask):
    """Both reviews are made, the mid-year with three school days to spare."""
    told = json.loads(ask("plan", "riverbend", "--as-of", "2026-07-15", "--format", "json"))
    assert told["feasible"] is True
    assert [(each["id"], each["on"], each["slack_school_days"]) for each in told["anchors"]] == [
        ("mid_year", "2027-02-09", 3),
        ("end_of_year", "2027-05-20", 2),
    ]


def test_the_keys_of_the_plan_are_a_contract(ask):
    """Head, anchors and items have exactly the keys of schedule.md 13, in their order."""
    told = json.loads(ask("plan", "riverbend", "--as-of", "2026-07-15", "--format", "json"))
    head = ["deployment", "school_year", "as_of", "feasible", "anchors", "items", "binding", "conflicts", "changes"]
    assert list(told) == head
    chance = ["probability", "probability_low", "probability_high", "certainty"]
    assert list(told["anchors"][0]) == ["id", "on", *chance, "slack_school_days", "critical_path"]
    assert all(list(item) == [*ITEM, "frozen_version", *PASSES] for item in told["items"])


def test_one_anchor_can_be_asked_for(ask):
    """Only what feeds it is shown; an unknown one names those there are."""
    words = ("plan", "riverbend", "--as-of", "2026-07-15")
    told = json.loads(ask(*words, "--anchor", "budget.preliminary", "--format", "json"))
    assert [each["id"] for each in told["anchors"]] == ["mid_year"]
    assert not [item for item in told["items"] if item["id"].startswith("sel_survey_spring")]
    assert "Anchors: mid_year, end_of_year." in ask(*words, "--anchor", "none", exit_code=2)


def test_a_year_that_does_not_reach_its_board_says_why(ask, tmp_path):
    """Exit 2, the cause with its line, the chain and every way out."""
    folder = changed_copy(tmp_path, YEAR, "opens: {nth_school_day: 60}", "opens: {nth_school_day: 65}")
    said = ask("plan", str(folder), "--as-of", "2026-07-15", exit_code=2)
    assert "infeasible, 1 reason" in said
    assert "short by 2 school days. staff_survey opens 2026-11-18 by its rule" in said
    assert "ways out:" in said
    told = json.loads(ask("plan", str(folder), "--as-of", "2026-07-15", "--format", "json", exit_code=2))
    (binding,) = told["binding"]
    assert list(binding) == ["anchor", "short_school_days", "chain", "ways_out"]
    assert list(binding["chain"][0]) == ["id", "rule", "file", "line", "date"]
    assert list(binding["ways_out"][0]) == ["parameter", "from", "to", "effect"]


def test_what_if_days_were_closed_lists_what_moves(ask):
    """Nothing is written; each item that would move has its old and new day and the closure."""
    words = ("plan", "riverbend", "--as-of", "2026-07-15", "--if-closed", "2026-09-21,2026-09-22", "--format", "json")
    changes = json.loads(ask(*words))["changes"]
    (fall,) = [each for each in changes if (each["id"], each["field"]) == ("sel_survey_fall", "opens_on")]
    assert (fall["old"], fall["new"]) == ("2026-10-14", "2026-10-16")
    assert fall["cause"] == "closure 2026-09-21 added, closure 2026-09-22 added"


def test_freezing_writes_a_version_an_event_and_messages(ask, tmp_path):
    """The calendar then shows the version; one before it is still there by its number and its day."""
    from aimline.journal import open_journal
    from aimline.storage import open_store

    assert "version 1, frozen as of 2026-07-15 by p_014" in _freeze(ask)
    folder = changed_copy(tmp_path, YEAR, "closures:\n", "closures:\n  - {date: 2026-09-21, kind: snow}\n")
    text = (folder / YEAR).read_text().replace("on_site_days: 178", "on_site_days: 177")
    (folder / YEAR).write_text(text)
    assert "version 2" in _freeze(ask, folder, "2026-07-20")
    shown = {
        when: json.loads(ask("calendar", str(folder), *when, "--format", "json"))["frozen_version"]
        for when in (
            ("--as-of", "2026-07-21"),
            ("--as-of", "2026-07-16"),
            ("--as-of", "2026-07-14"),
            ("--version", "1"),
        )
    }
    assert list(shown.values()) == [2, 1, 0, 1]
    state = open_store(tmp_path / "state")
    events = open_journal(state).events("calendar_frozen")
    assert [event.payload["version"] for event in events] == [1, 2]
    (letter, *_) = state.keys("outbox/people/p_022")
    assert "2026-10-14 → 2026-10-15 (closure 2026-09-21 added)" in state.read(letter).decode()


def test_rules_that_drifted_from_the_frozen_dates_are_told(ask, tmp_path):
    """A closure after the freeze moves nothing; each item has its line, both days, the cause and what to do."""
    _freeze(ask)
    folder = changed_copy(tmp_path, YEAR, "closures:\n", "closures:\n  - {date: 2026-09-21, kind: snow}\n")
    text = (folder / YEAR).read_text().replace("on_site_days: 178", "on_site_days: 177")
    (folder / YEAR).write_text(text)
    said = ask("plan", str(folder), "--as-of", "2026-07-20")
    assert (
        "sel_survey_fall: frozen v1 says 2026-10-14, rules now give 2026-10-15: closure 2026-09-21 added; run" in said
    )


def test_two_who_freeze_at_once_lose_nothing(ask, tmp_path, monkeypatch):
    """The second finds the number taken, and what the first wrote is whole."""
    from aimline.storage import LocalStore

    put = LocalStore.put_if_absent

    def beaten(store, key, data):
        if key.endswith("v001.json"):
            put(store, key, b"{}")
        return put(store, key, data)

    monkeypatch.setattr(LocalStore, "put_if_absent", beaten)
    assert "frozen by somebody else in the same moment" in _freeze(ask, exit_code=2)
    assert (tmp_path / "state/calendar/2027/v001.json").read_bytes() == b"{}"


def test_dates_that_nobody_confirmed_are_not_frozen(ask, tmp_path):
    """Each is told at its line."""
    folder = changed_copy(tmp_path, YEAR, "budget:\n", "confirm: [2027-03-09, 2027-04-13]\nbudget:\n")
    said = _freeze(ask, folder, exit_code=2)
    assert said.count("nobody has confirmed 2027-") == 2


def test_what_nobody_answers_for_is_not_frozen(ask, tmp_path):
    """A role whose only person left, without deputy: each open item is told."""
    gone = "{person: p_040, role: data_engineer, active_from: 2024-01-08, active_to: 2026-08-01}"
    old = "{person: p_040, role: data_engineer, active_from: 2024-01-08}"
    folder = changed_copy(tmp_path, "plans/2026-27.yml", old, gone)
    text = (folder / "district.yml").read_text()
    (folder / "district.yml").write_text(
        text.replace("deputy: research, escalates_to: sel_lead}", "}", 1).replace("  }", "}")
    )
    said = _freeze(ask, folder, exit_code=2)
    assert "nobody who is active on 2027-01-05 answers for mid_year.sis_attendance (data_engineer)" in said


def test_who_freezes_says_who_and_why(ask):
    """Both are asked for."""
    assert "--freeze needs --by and --reason." in ask("plan", "riverbend", "--freeze", "--by", "p_014", exit_code=2)


def test_a_version_of_an_earlier_day_than_the_last_is_refused(ask):
    """Versions are in the order of their days."""
    _freeze(ask)
    assert "version 1 is as of 2026-07-15" in _freeze(ask, as_of="2026-07-14", exit_code=2)


def test_the_calendar_of_a_version_is_a_file_for_calendars(ask):
    """The .ics has one event an item, and the same version gives the same text."""
    _freeze(ask)
    words = ("calendar", "riverbend", "--as-of", "2026-07-16", "--format", "ics")
    text = ask(*words)
    assert text.count("BEGIN:VEVENT") == len(json.loads(ask(*words[:-1], "json"))["items"])
    assert text == ask(*words)


def test_a_calendar_of_one_school_leaves_out_other_windows(ask, tmp_path):
    """What asks nobody of the school is not shown."""
    asked = 'respondents: {staff: {schools: ["0101"]}}'
    folder = changed_copy(tmp_path, YEAR, "respondents: {staff: all}", asked)
    words = ("calendar", str(folder), "--as-of", "2026-07-16", "--format", "json", "--school")
    ids = {school: {item["id"] for item in json.loads(ask(*words, school))["items"]} for school in ("0101", "0102")}
    assert "staff_survey.setup" in ids["0101"] - ids["0102"]


def test_check_tells_where_rules_left_the_frozen_dates(ask, tmp_path, monkeypatch):
    """A closure that was declared after the freeze moves the survey: a warning at the line of its rule."""
    from aimline.commands import schedule

    monkeypatch.setattr(schedule, "_today", lambda _judged: date(2026, 9, 1))
    folder = changed_copy(tmp_path, YEAR, "", "")
    _freeze(ask, folder)
    words = ("check", str(folder), "--format", "json")
    assert not [each for each in json.loads(ask(*words))["findings"] if each["code"] == "calendar_drifted"]
    late = "  - {date: 2026-09-21, kind: snow, declared_on: 2026-08-30}\n"
    year = folder / YEAR
    year.write_text(_with_snow(year.read_text(encoding="utf-8"), late), encoding="utf-8")
    found = [each for each in json.loads(ask(*words))["findings"] if each["code"] == "calendar_drifted"]
    (survey,) = [each for each in found if each["place"] == "sel_survey_fall"]
    assert (survey["severity"], survey["on_date"]) == ("warn", "2026-10-14")
    assert "frozen v1 says 2026-10-14, rules now give 2026-10-15: closure 2026-09-21 added" in survey["message"]
    line = year.read_text(encoding="utf-8").splitlines()[survey["line"] - 1]
    assert line.strip() == "opens: {nth_school_day: 40}"


def _with_snow(text, line):
    text = text.replace("on_site_days: 178", "on_site_days: 177", 1)
    return text.replace("closures:\n", f"closures:\n{line}", 1)
