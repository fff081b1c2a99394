"""Test that a departure is told once: what begins an episode, what ends it, and what noise may not do."""

from datetime import date, timedelta

import pytest

from aimline.signals import Evaluation, Judged, Labels, advance, tell_alerts

START = date(2026, 9, 4)
OFF, BAND, CLEAR = 0.1, 0.3, 0.5
LATE = date(2027, 6, 1)


def weeks(*chances, shortfall=0.05, **given):
    """Return one evaluation a week with these chances."""
    return [
        Evaluation("0104", "chronic_absence", "all", START + timedelta(weeks=number), p, shortfall, **given)
        for number, p in enumerate(chances)
    ]


def kinds(evaluations, previous=()):
    """Return the types of the new events, in order."""
    return [event.event_type for event in advance(previous, evaluations, LATE)]


@pytest.mark.parametrize(
    ("chances", "told"),
    [
        ((OFF,), []),
        ((OFF, OFF), ["new"]),
        ((OFF, OFF, OFF, OFF), ["new", "ongoing"]),
        ((OFF, BAND, OFF), []),
        ((OFF, None, OFF), ["new"]),
        ((OFF, OFF, CLEAR), ["new"]),
        ((OFF, OFF, CLEAR, CLEAR), ["new", "expired"]),
        ((OFF, OFF, OFF, CLEAR, BAND, CLEAR), ["new", "ongoing", "resolved"]),
        ((OFF, OFF, CLEAR, OFF, CLEAR), ["new", "ongoing"]),
        ((0.20, 0.20, 0.20), []),
        ((OFF, OFF, 0.35, 0.35, 0.35), ["new"]),
    ],
)
def test_episode_begins_after_two_and_ends_after_two(chances, told):
    """Two weeks off begin it, two weeks clear end it; the band between counts neither way."""
    assert kinds(weeks(*chances)) == told


def test_one_wave_is_enough():
    """A wave comes a few times a year, so one off its line is told."""
    assert kinds(weeks(OFF, is_wave=True)) == ["new"]


def test_second_departure_is_a_new_episode():
    """Four weeks after the end, the next departure has an episode and an id of its own; sooner it is the same one."""
    began = (OFF, OFF, OFF, CLEAR, CLEAR)
    soon = advance((), weeks(*began, CLEAR, CLEAR, OFF, OFF), LATE)
    assert [event.event_type for event in soon] == ["new", "ongoing", "resolved", "reopened"]
    events = advance((), weeks(*began, CLEAR, CLEAR, CLEAR, OFF, OFF), LATE)
    told = [(event.event_type, event.episode) for event in events]
    assert told == [("new", 1), ("ongoing", 1), ("resolved", 1), ("new", 2)]
    assert len({event.alert_id for event in events}) == 2


def test_told_again_only_when_it_grew_by_half():
    """Half as much again is told as worsened, a little more is not."""
    base = weeks(OFF, OFF)
    later = [Evaluation("0104", "chronic_absence", "all", START + timedelta(weeks=n), OFF, size)
             for n, size in ((2, 0.07), (3, 0.076), (4, 0.08))]  # fmt: skip
    assert kinds(base + later) == ["new", "ongoing", "worsened"]


def test_same_night_twice_tells_nothing():
    """Events that were written are not made again, whatever is evaluated anew."""
    evaluations = weeks(OFF, OFF, OFF, CLEAR, CLEAR)
    written = [event.row() for event in advance((), evaluations, LATE)]
    assert advance(written, evaluations, LATE) == []


def test_night_by_night_equals_all_at_once():
    """A year replayed night by night writes the events of one look at its end."""
    evaluations = weeks(OFF, OFF, OFF, CLEAR, BAND, CLEAR, OFF, OFF, None, CLEAR, CLEAR)
    written = []
    for number in range(1, len(evaluations) + 1):
        seen = evaluations[:number]
        written += [event.row() for event in advance(written, seen, seen[-1].period_on)]
    at_once = [event.row() for event in advance((), evaluations, LATE)]
    assert [row["event_id"] for row in written] == [row["event_id"] for row in at_once]


def test_later_knowledge_is_not_used():
    """Evaluations after the day of knowledge do not exist for it."""
    assert advance((), weeks(OFF, OFF), START) == []


def row(number, p, value, status="off track"):
    """Return one row of evaluations, as the warehouse keeps it."""
    place = {"unit_id": "0104", "indicator_id": "chronic_absence", "group_id": "all", "period_kind": "year_to_date"}
    figure = {"figure_id": f"f{number}", "value": value, "expected": 0.178, "value_unit": "share"}
    day = {"period_on": START + timedelta(weeks=number)}
    judged = {"status": status, "p_meet": p, "shortfall": value - 0.178, "certainty": "clear", "judged_by": "aim_line"}
    return place | figure | day | judged


LABELS = Labels(
    {"chronic_absence": {"indicator_label": "Chronic absence", "owner_label": "Attendance lead", "next_step": "Call."}},
    {"0104": "Lincoln"},
    {"all": "All students"},
)


def test_sentence_says_the_numbers_of_the_page():
    """The newest event carries today's sentence: shown numbers, distance in points, since when, owner, next step."""
    told = tell_alerts((), Judged([row(0, OFF, 0.3), row(1, OFF, 0.2349), row(2, BAND, 0.2349)]), LABELS, LATE)
    assert [(each["event_type"], each["is_new"]) for each in told] == [("new", True)]
    assert told[0]["sentence"] == (
        "Chronic absence at Lincoln has been above its aim line since September 4, 2026: 23% now, 18% expected "
        "(5 points, clear). Owner: Attendance lead. Next: Call."
    )


def test_nobody_is_called_to_a_figure_of_which_nobody_can_tell():
    """Its interval holds the target and no change alike: it begins no alert and counts for none, and may end one."""
    unclear = [row(number, OFF, 0.19, "cannot tell") for number in (0, 1)]
    assert tell_alerts((), Judged(unclear), LABELS, LATE) == []
    told = tell_alerts((), Judged([row(0, OFF, 0.3), unclear[1], row(2, OFF, 0.3)]), LABELS, LATE)
    assert [(each["event_type"], str(each["period_on"])) for each in told] == [("new", "2026-09-18")]
    ends = [row(number, CLEAR, 0.19, "cannot tell") for number in (3, 4)]
    assert tell_alerts(told, Judged([row(0, OFF, 0.3), row(2, OFF, 0.3), *ends]), LABELS, LATE)[-1]["event_type"] == (
        "expired"
    )


def test_end_of_an_episode_is_told_with_the_figure_that_ended_it():
    """What came later, good or bad, does not change what is said of an end."""
    chances = (OFF, OFF, OFF, CLEAR, CLEAR, OFF)
    figures = (0.3, 0.3, 0.3, 0.18, 0.17, 0.4)
    rows = [row(number, *pair) for number, pair in enumerate(zip(chances, figures, strict=True))]
    assert tell_alerts((), Judged(rows), LABELS, LATE)[-1]["sentence"] == (
        "Chronic absence at Lincoln came back to its aim line on October 2, 2026: 17% then, 18% expected."
    )


def test_open_departure_with_a_good_newest_figure_is_not_called_off():
    """One good week does not end an episode, and the sentence does not call the good side wrong."""
    told = tell_alerts((), Judged([row(0, OFF, 0.3), row(1, OFF, 0.3), row(2, CLEAR, 0.17)]), LABELS, LATE)
    assert told[-1]["sentence"] == (
        "Chronic absence at Lincoln has been off its aim line since September 4, 2026; the newest figure is back: "
        "17% now, 18% expected."
    )


def test_events_of_earlier_nights_are_kept_and_not_new():
    """What was told before stays in the table, marked as told."""
    evaluations = [row(0, OFF, 0.3), row(1, OFF, 0.3)]
    before = tell_alerts((), Judged(evaluations), LABELS, LATE)
    after = tell_alerts(before, Judged([*evaluations, row(2, OFF, 0.3)]), LABELS, LATE)
    assert [(each["event_type"], each["is_new"], each["is_newest"]) for each in after] == [
        ("new", False, False),
        ("ongoing", True, True),
    ]


def test_chart_that_fails_its_target_is_told_at_once():
    """One figure unlikely to meet the line is enough then; one likely to meet it tells nothing, and none is revised."""
    key = frozenset({("chronic_absence", "0104", "all")})
    first = tell_alerts((), Judged([row(0, BAND, 0.3)], failing=key), LABELS, LATE)
    assert [each["event_type"] for each in first] == ["new"]
    assert "The limits of its control chart do not reach the target." in first[0]["sentence"]
    assert tell_alerts((), Judged([row(0, BAND, 0.3)]), LABELS, LATE) == []
    assert tell_alerts((), Judged([row(0, CLEAR, 0.3)], failing=key), LABELS, LATE) == []
    again = tell_alerts(first, Judged([row(0, BAND, 0.3), row(1, BAND, 0.3)]), LABELS, LATE)
    assert [each["event_type"] for each in again] == ["new"]


def months(*chances):
    """Return one evaluation a month of a year that is forecast."""
    return weeks(*chances, is_forecast=True, details={"judged_by": "forecast"})


def test_two_months_of_a_forecast_begin_an_alert_and_one_ends_it():
    """The band ends nothing; a month that was not asked stands for none."""
    assert kinds(months(OFF)) == []
    assert kinds(months(OFF, OFF, BAND)) == ["new"]
    assert kinds(months(OFF, OFF, CLEAR)) == ["new", "expired"]


def test_another_question_is_no_late_data():
    """An alert off its aim line goes on by the forecast of the year; one that began so is not called corrected."""
    written = [event.row() for event in advance((), weeks(OFF, OFF), START + timedelta(weeks=1))]
    assert kinds(months(None, CLEAR, OFF), written) == ["ongoing"]
    assert kinds(months(None, CLEAR, CLEAR), written) == ["expired"]
    assert kinds(weeks(OFF, CLEAR), written) == ["revised"]


def test_a_year_unlikely_to_meet_its_target_is_told_by_its_forecast():
    """Weeks beside the line begin nothing then; the sentence has the year's numbers, and those of its end stay."""
    year = {"p_meet": 0.12, "median": 0.2211, "target": 0.178, "period_on": date(2026, 11, 30)}
    year |= {"p_before": 0.15, "before_on": date(2026, 10, 30)}
    newest = row(9, 0.12, 0.2149) | {"judged_by": "forecast", "shortfall": 0.0431, "priority": 3.0}
    judged = [row(7, OFF, 0.3), row(8, OFF, 0.3), newest]
    told = tell_alerts((), Judged(judged, outlooks={("chronic_absence", "0104", "all"): year}), LABELS, LATE)
    assert [(each["event_type"], each["period_on"], each["effect"]) for each in told] == [("new", "2026-11-30", 0.0431)]
    assert told[0]["sentence"] == (
        "Chronic absence at Lincoln has been off its way to this year's target of 18% since October 30, 2026: meeting "
        "it is unlikely, 22% is to be expected, 21% so far. Owner: Attendance lead. Next: Call."
    )
    better = year | {"p_meet": 0.6, "median": 0.17, "period_on": date(2026, 12, 18), "p_before": None}
    judged = [newest | {"p_meet": 0.6, "shortfall": -0.008}]
    after = tell_alerts(told, Judged(judged, outlooks={("chronic_absence", "0104", "all"): better}), LABELS, LATE)
    assert after[-1]["sentence"] == (
        "Chronic absence at Lincoln may meet this year's target of 18% again: 17% to be expected on December 18, 2026."
    )
