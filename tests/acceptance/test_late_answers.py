"""Answers that come late: in time, after the window closed, after its seal, outside it; in a district of two zones."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from aimline.arrival import make_key_file
from aimline.commands._declaring import facts_of
from aimline.commands._windows import windows_of
from aimline.context import open_context
from aimline.transform import WAREHOUSE
from aimline.warehouse import connect
from tests.support.surveyed import CLOSES, LAST_LATE, LIST_ON, OPENS, SEALED, Surveyed

DAY = timedelta(days=1)
IN_TIME = [("101", "2018-11-01 20:00:00", 3), ("102", "2018-10-30 15:00:00", 1)]
MORE = [*IN_TIME, ("103", "2018-11-08 16:00:00", 2)]
WHO = ("--by", "p_001", "--reason", "The vendor found an answer.")


@pytest.fixture
def district(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surveyed:
    """The district on the morning its window opens, its list frozen."""
    monkeypatch.setenv("AIMLINE_HOME", str(tmp_path / "home"))
    make_key_file("smalltown")
    made = Surveyed(tmp_path)
    for night in (LIST_ON, OPENS):
        made.night(night)
    assert made.standing() == "open"
    return made


def export(district: Surveyed, on: str, sent: list[tuple[str, str, int]], night: date, **how: Any) -> dict[str, Any]:
    """Hand in an export and live through a night; return its batch."""
    district.answer(on, sent)
    (batch,) = district.night(night, **how)
    return batch


def sealed(district: Surveyed) -> None:
    """Live to the morning after the last day of late answers."""
    export(district, "2018-11-05", IN_TIME, date(2018, 11, 6))
    for night in (CLOSES + DAY, LAST_LATE, SEALED):
        district.night(night)
    assert district.standing() == "sealed"


def usable(district: Surveyed) -> int:
    """Return the usable responses in the warehouse."""
    with connect(district.state / WAREHOUSE, role="build", read_only=True) as connection:
        rows = connection.rows("select count(*) as n from int_survey__dispositions where disposition = 'usable'")
    return int(rows[0]["n"])


def test_what_comes_while_late_answers_are_taken_is_marked(district: Surveyed) -> None:
    """An export before the window closes is in time; one after it is accepted and late; the rate at closing stays."""
    assert export(district, "2018-11-05", IN_TIME, date(2018, 11, 6))["is_late"] is False
    district.night(CLOSES + DAY)
    late = export(district, "2018-11-12", MORE, date(2018, 11, 12))
    assert (late["state"], late["is_late"], late["n_accepted"]) == ("accepted", True, 3)
    closed = district.events("window_transition")[-1].payload
    assert (closed["to_state"], closed["at_close"]) == ("closed", {"n_responses": 2, "n_eligible": 12})


def test_the_command_says_what_came_late(district: Surveyed) -> None:
    """Whoever collects by hand reads which window had closed; the JSON says it of every batch."""
    export(district, "2018-11-05", IN_TIME, date(2018, 11, 6))
    district.night(CLOSES + DAY)
    district.answer("2018-11-12", MORE)
    code, text = district.run("collect", on="2018-11-12")
    assert (code, "answers_pulse_20181112.csv is late: pulse had closed. It was accepted." in text) == (0, True)


def test_an_export_of_the_last_late_day_comes_before_the_seal(district: Surveyed) -> None:
    """What the night of the seal collects came while answers were accepted; the seal counts it."""
    export(district, "2018-11-05", IN_TIME, date(2018, 11, 6))
    district.night(LAST_LATE)
    assert export(district, "2018-11-14", MORE, SEALED)["state"] == "accepted"
    told = district.events("window_transition")[-1].payload
    assert (told["to_state"], told["n_responses"]) == ("sealed", 3)


def test_what_comes_after_the_seal_waits_for_a_person(district: Surveyed) -> None:
    """It is held under its code with the command that lets it in; no night and no other decision does."""
    sealed(district)
    held = export(district, "2018-11-20", MORE, date(2018, 11, 21))
    assert (held["reason"], held["detail"]) == ("arrived_after_seal", "pulse was sealed on 2018-11-15")
    district.night(date(2018, 11, 22))
    code, text = district.run("accept", held["batch_id"][:8], "--as-is", *WHO, on="2018-11-22")
    assert (code, "--restate --by PERSON --reason TEXT" in text) == (4, True)
    assert [
        each.payload["name"] for each in district.events("batch_accepted") if "answers" in each.payload["name"]
    ] == ["answers_pulse_20181105.csv"]


def test_restating_changes_figures_and_says_so(district: Surveyed) -> None:
    """The command names the window, its seal, its answers before and now; the next build counts them."""
    sealed(district)
    held = export(district, "2018-11-20", MORE, date(2018, 11, 21), builds=True)
    before = usable(district)
    code, text = district.run("accept", held["batch_id"][:8], "--restate", *WHO, on="2018-11-22")
    assert code == 0
    assert "pulse was sealed on 2018-11-15 with 2 responses and has 3 now. It is restated" in text
    district.night(date(2018, 11, 23), builds=True)
    assert (before, usable(district)) == (2, 3)
    (event,) = district.events("window_restated")
    assert [event.payload[name] for name in ("by", "n_responses_sealed", "n_responses")] == ["p_001", 2, 3]


def test_restating_twice_is_once(district: Surveyed) -> None:
    """A command that was killed after the rows came in is given again: it tells the same and adds nothing."""
    sealed(district)
    held = export(district, "2018-11-20", MORE, date(2018, 11, 21))
    words = ("accept", held["batch_id"], "--restate", *WHO, "--json")
    told = [json.loads(district.run(*words, on="2018-11-22")[1])["restated"] for _ in range(2)]
    assert told[0] == told[1] == [{"slot": "pulse.2019", "sealed_on": "2018-11-15", "n_sealed": 2, "n_now": 3}]
    assert len(district.events("window_restated")) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--restate", "--rows"), "--restate stands by itself."),
        (("--restate",), "did not come after the seal of its window; it is not held."),
    ],
)
def test_only_what_waits_for_it_is_restated(district: Surveyed, words: tuple[str, ...], message: str) -> None:
    """Restating is no way around another decision, and nothing that is in is let in again."""
    batch = export(district, "2018-11-05", IN_TIME, date(2018, 11, 6))
    code, text = district.run("accept", batch["batch_id"], *words, *WHO, on="2018-11-07")
    assert (code, message in text) == (2, True)


def test_what_was_sent_outside_is_ignored_and_counted_in_the_zone_of_its_school(district: Surveyed) -> None:
    """The last second of the last day counts at each school's own clock; the first of the next day does not."""
    sent = [
        ("101", "2018-10-29 05:59:59", 3),  # Denver, the evening before
        ("102", "2018-10-29 06:00:00", 3),
        ("103", "2018-11-10 06:59:59", 3),  # Denver, 23:59:59 on the last day, after the clocks went back
        ("104", "2018-11-10 07:00:00", 3),
        ("107", "2018-10-29 06:59:59", 3),  # Los Angeles, the evening before
        ("108", "2018-10-29 07:00:00", 3),
        ("109", "2018-11-10 07:59:59", 3),
        ("110", "2018-11-10 08:00:00", 3),
    ]
    batch = export(district, "2018-11-12", sent, date(2018, 11, 12), builds=True)
    assert (batch["n_accepted"], batch["ignored"]) == (4, {"header_row": 1, "outside_window": 4})
    assert usable(district) == 4
    with connect(district.state / WAREHOUSE, role="build", read_only=True) as connection:
        query = "select sum(n_responses)::int as n from fct_survey_accounting where disposition = 'outside_window'"
        assert connection.rows(query) == [{"n": 4}]


def test_a_window_that_is_extended_reads_what_was_outside_again(district: Surveyed) -> None:
    """Snow gives an open window another day; bytes that are kept need not be sent again."""
    export(district, "2018-11-12", [*MORE, ("104", "2018-11-10 07:00:00", 3)], date(2018, 11, 9))
    year = district.folder / "years/2018-19.yml"
    snow = "closures:\n  - {date: 2018-11-08, kind: snow, declared_on: 2018-11-08}\n"
    year.write_text(year.read_text(encoding="utf-8") + snow, encoding="utf-8")
    (again,) = [each for each in district.night(date(2018, 11, 9)) if each["source_id"] == "answers"]
    assert (district.standing(), again["n_accepted"], again["ignored"]) == ("extended", 4, {"header_row": 1})


def test_figures_and_the_door_have_the_days_that_were_frozen(district: Surveyed) -> None:
    """A rule that gives other days by now is a proposal: until somebody freezes it, nothing is judged by it."""
    year = district.folder / "years/2018-19.yml"
    year.write_text(
        year.read_text(encoding="utf-8").replace("opens: 2018-10-29", "opens: 2018-10-31"), encoding="utf-8"
    )
    context = open_context(str(district.folder), as_of=OPENS, state=str(district.state))
    (row,) = facts_of(context).rows["declared_windows"].rows
    (window,) = windows_of(context)
    context.journal.close()
    assert (row["opens_on"], row["closes_on"], row["late_until_on"]) == (OPENS, CLOSES, LAST_LATE)
    assert (window.opens_on, window.closes_on) == (OPENS, CLOSES)
