"""Rules, windows, expected deliveries and what is due, on a year small enough to count by hand."""

from datetime import UTC, date, datetime

from aimline.schedule.arrivals import expected_arrivals, late_arrivals
from aimline.schedule.rules import resolve
from schemas.sources import SourcesFile
from tests.support.declared import Loaded, Tree, year_of

YEAR = ("2026-08-19", "2027-05-27")
LABEL = {"en": "Survey"}


def _windows(*windows, **rest):
    listed = [{"kind": "rubric", "label": LABEL, **window} for window in windows]
    return resolve([year_of(*YEAR, windows=listed, **rest)])


def _one(opens, **rest):
    dates, findings = _windows({"id": "w1", "opens": opens, "length": {"school_days": 5}}, **rest)
    assert not findings
    return dates[2027, "w1"]


def test_a_window_counts_its_days_of_school():
    """Five school days from the tenth one: 1 September to the 8th, over Labor Day."""
    closed = [{"date": "2026-09-07", "kind": "holiday"}]
    days = _one({"nth_school_day": 10}, closures=closed)
    assert (days["opens_on"], days["closes_on"]) == (date(2026, 9, 1), date(2026, 9, 8))


def test_answers_are_taken_for_five_more_school_days():
    """Where a window says nothing, its late days are five; else those it gives."""
    assert _one("2026-09-01")["late_until_on"] == date(2026, 9, 14)
    window = {"id": "w1", "opens": "2026-09-01", "length": {"school_days": 5}, "late_accept": {"school_days": 1}}
    assert _windows(window)[0][2027, "w1"]["late_until_on"] == date(2026, 9, 8)


def test_every_form_of_rule_gives_its_day():
    """Each form counts in its own days and rolls to a school day where it must."""
    terms = {"quarter": ["2026-10-16", "2026-12-18"]}
    budget = [{"id": "ask", "on": "2026-12-04"}]
    forms = [
        ("2026-10-14", {"on": "2026-10-14"}),
        ("2026-10-19", {"term_start": "quarter.2"}),
        ("2026-12-18", {"term_end": "quarter.2"}),
        ("2026-10-23", {"nth_school_day": 5, "of": "quarter.2"}),
        ("2027-05-27", {"nth_school_day": -1}),
        ("2026-12-04", {"event": "budget.ask"}),
        ("2026-11-20", {"school_days": -10, "from": "budget.ask"}),
        ("2026-12-07", {"working_days": 1, "from": "budget.ask"}),
        ("2026-11-20", {"calendar_days": -13, "from": "budget.ask"}),
        ("2026-12-07", {"calendar_days": 1, "from": "budget.ask"}),
    ]
    for day, rule in forms:
        window = {"id": "w1", "opens": rule, "closes": "2027-05-27"}
        dates, findings = _windows(window, terms=terms, budget=budget)
        assert (dates[2027, "w1"]["opens_on"].isoformat(), findings) == (day, [])


def test_windows_that_wait_for_each_other_are_told_as_a_circle():
    """The circle is printed once, and neither window has dates."""
    dates, findings = _windows(
        {"id": "wa", "opens": {"school_days": 1, "from": "wb.closes"}, "length": {"school_days": 5}},
        {"id": "wb", "opens": {"school_days": 1, "from": "wa.closes"}, "length": {"school_days": 5}},
    )
    assert [each.code for each in findings] == ["rule_cycle"]
    assert "wa.opens → wb.closes → wb.opens → wa.closes → wa.opens" in findings[0].message
    assert dates[2027, "wa"] == dates[2027, "wb"] == {}


def test_a_review_fills_the_dates_it_does_not_give():
    """Five school days before the meeting is the packet, three after it the decisions, ten after those the close."""
    review = {"id": "r1", "label": LABEL, "on": "2027-03-10", "chair": "sel_lead", "scribe": "research"}
    dates, _ = resolve([year_of(*YEAR, reviews=[review])])
    expected = {
        "packet_on": "2027-03-03",
        "meets_on": "2027-03-10",
        "decide_by": "2027-03-15",
        "close_by": "2027-03-29",
    }
    assert {name: day.isoformat() for name, day in dates[2027, "r1"].items()} == expected


def test_after_the_last_school_day_working_days_count():
    """A review in the last week closes in June, on working days."""
    review = {"id": "r1", "label": LABEL, "on": "2027-05-20", "chair": "sel_lead", "scribe": "research"}
    dates, findings = resolve([year_of(*YEAR, reviews=[review], office_closures=["2027-05-31"])])
    assert (dates[2027, "r1"]["close_by"], findings) == (date(2027, 6, 9), [])


def _arrivals(expected, **rest):
    source = {
        "source_id": "feed",
        "entity": "activities",
        "owner": {"role": "sel_lead"},
        "transport": {"kind": "local", "url": "state:inbox", "match": ["x.csv"]},
        "format": {"type": "csv"},
        "columns": [],
        "load": {"mode": "append"},
        "arrival": expected,
    }
    sources = Loaded(Tree("t/sources.yml"), SourcesFile.model_validate({"sources": [source]}))
    arrivals, findings = expected_arrivals([year_of(*YEAR, **rest)], sources)
    assert not findings
    return arrivals


def test_a_weekly_delivery_of_a_holiday_is_expected_the_next_school_day():
    """Labor Day's Monday moves to Tuesday."""
    found = _arrivals({"expected": [{"every": "mon"}]}, closures=[{"date": "2026-09-07", "kind": "holiday"}])
    days = [each.expected_on for each in found]
    assert date(2026, 9, 8) in days
    assert date(2026, 9, 7) not in days


def test_no_delivery_is_expected_after_the_last_school_day():
    """The last Thursday is a holiday, and no school day of any year follows."""
    found = _arrivals({"expected": [{"every": "thu"}]}, closures=[{"date": "2027-05-27", "kind": "holiday"}])
    assert found[-1].expected_on == date(2027, 5, 20)


def test_a_delivery_of_a_window_is_expected_while_it_is_open():
    """Mondays after the window opens, none when it is closed."""
    window = {"id": "w1", "kind": "rubric", "label": LABEL, "opens": "2026-09-08", "closes": "2026-09-21"}
    found = _arrivals({"expected": [{"every": "mon", "window": "w1"}]}, windows=[window])
    assert [each.expected_on for each in found] == [date(2026, 9, 14), date(2026, 9, 21)]


def test_due_at_is_local_time_and_grace_counts_school_days():
    """06:00 in Chicago in September is 11:00 UTC; a day of grace from Friday ends on Monday."""
    found = _arrivals({"expected": [{"every": "fri"}], "grace": {"school_days": 1}})
    first = next(each for each in found if each.expected_on == date(2026, 9, 11))
    assert first.due_at == datetime(2026, 9, 11, 11, tzinfo=UTC)
    assert first.late_at == datetime(2026, 9, 14, 11, tzinfo=UTC)


def test_an_expectation_is_met_by_what_came_since_the_one_before():
    """A file of Saturday is Monday's; with nothing since Friday morning, Monday is late."""
    found = [each for each in _arrivals({"expected": [{"every": "school_day"}]}) if each.expected_on.month == 9]
    friday, monday = (next(each for each in found if each.expected_on.day == day) for day in (11, 14))
    saturday, now = datetime(2026, 9, 12, 9, tzinfo=UTC), datetime(2026, 9, 14, 12, tzinfo=UTC)
    assert late_arrivals([friday, monday], {"feed": [friday.due_at, saturday]}, now) == []
    assert late_arrivals([friday, monday], {"feed": [friday.due_at]}, now) == [monday]
