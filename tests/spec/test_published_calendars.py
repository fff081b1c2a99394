"""Real published calendars: our day counts are the districts' own; slips are found. Source: schedule.md 14."""

from datetime import date, timedelta

import pytest

from aimline._yaml import read_tree
from aimline.schedule.calendars import Calendar, Scope, day_kinds, year_days
from aimline.schedule.changes import Settled, extended, lost_days, settled
from aimline.schedule.check import schedule_findings
from aimline.schedule.rules import resolve
from tests.support.declared import no_sources, year_of


@pytest.fixture(scope="module")
def published(shared_data):
    """The calendar files as plain data, by the first word of their name."""
    files = sorted((shared_data / "calendars").glob("*.yaml"))
    return {path.name.split("_")[0]: read_tree(path.name, path.read_bytes()).data for path in files}


def _days(*texts):
    return [date.fromisoformat(text) for text in texts]


def _west_fargo(data, **more):
    """The West Fargo year as a year file."""
    winter = data["winter_break"]
    begins = date.fromisoformat(winter["last_day_before"]) + timedelta(days=1)
    ends = date.fromisoformat(winter["first_day_after"]) - timedelta(days=1)
    closures = [{"date": day, "kind": "holiday"} for day in data["no_school"]]
    closures.append({"from": begins.isoformat(), "to": ends.isoformat(), "kind": "break"})
    kinds = dict.fromkeys(data["offsite_learning"], "off_site")
    kinds |= dict.fromkeys(data["makeup_candidates"], "make_up_candidate") | more.pop("day_kinds", {})
    rest = {
        "closures": closures + more.pop("closures", []),
        "day_kinds": kinds,
        "overrides": [{"grades": ["K"], "first_day": data["kindergarten_first_day"]}],
        "terms": {"quarter": data["quarters_end"], "trimester": data["trimesters_end"]},
        "expect": {"on_site_days": data["published_totals"]["student_onsite"], "off_site_days": 2},
    }
    return year_of(data["first_day"], data["last_day"], **rest | more)


def test_west_fargo_has_the_days_it_published(published):
    """173 days on site and 2 off site, as printed by the district; no finding."""
    year = _west_fargo(published["west"])
    assert len(year_days(year.shape)) == 173 + 2
    assert schedule_findings([year], no_sources()) == []


def test_west_fargo_day_numbers(published):
    """The 1st, 10th, 40th, 50th, 100th, 120th and last school day fall on the days counted by hand."""
    days = year_days(_west_fargo(published["west"]).shape)
    expected = _days("2024-08-21", "2024-09-04", "2024-10-21", "2024-11-04", "2025-01-29", "2025-02-27", "2025-05-22")
    assert [days.nth(n) for n in (1, 10, 40, 50, 100, 120, -1)] == expected


def test_west_fargo_steps_over_breaks(published):
    """Counting over Thanksgiving and the winter break goes from school day to school day."""
    days = year_days(_west_fargo(published["west"]).shape)
    steps = (("2024-12-02", -10), ("2024-11-28", -10), ("2025-01-02", -1), ("2024-11-26", 1), ("2024-11-28", 1))
    expected = _days("2024-11-13", "2024-11-13", "2024-12-20", "2024-12-02", "2024-12-02")
    assert [days.add(date.fromisoformat(day), n) for day, n in steps] == expected
    assert days.count(*_days("2024-11-25", "2024-12-02")) == 3
    assert days.count(*_days("2024-11-30", "2024-12-01")) == 0


def test_west_fargo_terms(published):
    """Quarters of 44, 43, 44, 44 days and trimesters of 58, 58, 59 run at once."""
    terms = [
        {"term_start": f"{kind}.{n}"} for kind, last in (("quarter", 4), ("trimester", 3)) for n in range(1, last + 1)
    ]
    windows = [
        {"id": f"t{n}", "kind": "rubric", "opens": rule, "closes": {"term_end": rule["term_start"]}}
        for n, rule in enumerate(terms)
    ]
    year = _west_fargo(published["west"], windows=windows)
    dates, days = resolve([year])[0], year_days(year.shape)
    spans = [dates[2025, f"t{n}"] for n in range(len(terms))]
    assert [days.count(each["opens_on"], each["closes_on"]) for each in spans] == [44, 43, 44, 44, 58, 58, 59]


def test_west_fargo_kindergarten(published):
    """Kindergarten has 172 days, 170 of them on site, and its 40th is three days later."""
    year, scope = _west_fargo(published["west"]).shape, Scope(None, "K")
    days, kinds = year_days(year, scope), day_kinds(year, scope)
    n_off_site = sum(kinds[day] == "off_site" for day in days.days)
    assert (len(days), len(days) - n_off_site, days.nth(40)) == (172, 170, date(2024, 10, 24))


def test_west_fargo_window(published):
    """A window of ten days from the 40th, and what counts from its ends."""
    label = {"en": "Survey"}
    window = {
        "id": "w1",
        "kind": "rubric",
        "label": label,
        "opens": {"nth_school_day": 40},
        "length": {"school_days": 10},
    }
    others = [("freeze", -10, "opens"), ("opt_out", -5, "opens"), ("data", 5, "closes"), ("report", 15, "closes")]
    windows = [window] + [
        {**window, "id": name, "opens": {"school_days": n, "from": f"w1.{end}"}} for name, n, end in others
    ]
    dates, findings = resolve([_west_fargo(published["west"], windows=windows)])
    opens = [dates[2025, name]["opens_on"] for name in ("w1", "freeze", "opt_out", "data", "report")]
    assert (opens, findings) == (_days("2024-10-21", "2024-10-03", "2024-10-10", "2024-11-08", "2024-11-25"), [])
    assert dates[2025, "w1"]["closes_on"] == date(2024, 11, 1)


def _nth_window(data, n, **more):
    """One window that opens on the n-th school day and lasts ten."""
    window = {"id": "w1", "kind": "rubric", "opens": {"nth_school_day": n}, "length": {"school_days": 10}}
    year = _west_fargo(data, windows=[window], **more)
    days = resolve([year])[0][2025, "w1"]
    return year.shape, (days["opens_on"], days["closes_on"])


def test_west_fargo_make_up_day(published):
    """Activating 21 April as of 1 March gives 176 days: nth 120 is over and stays, nth 160 comes one day earlier."""
    more = {"day_kinds": {"2025-04-21": "make_up"}}
    year, opens_120 = _nth_window(published["west"], 120, **more)
    assert (len(year_days(year)), opens_120[0]) == (176, date(2025, 2, 27))
    old, new = _nth_window(published["west"], 160)[1], _nth_window(published["west"], 160, **more)[1]
    as_of = date(2025, 3, 1)
    assert (old[0], settled(old, new, as_of, is_open=False)) == (date(2025, 5, 1), Settled(date(2025, 4, 30), new[1]))


def test_west_fargo_snow(published):
    """Two days of snow inside the open window: it closes two days later and still opened when it did; 173 days."""
    _, span = _nth_window(published["west"], 40)
    snow = [{"date": day, "kind": "snow", "declared_on": day} for day in ("2024-10-22", "2024-10-23")]
    year, again = _nth_window(published["west"], 40, closures=snow)
    held = settled(span, again, date(2024, 10, 24), is_open=True)
    lost = lost_days(Calendar(year), span)
    days = year_days(year)
    assert (held.opens_on, extended(held.closes_on, len(lost), 5, days)) == (date(2024, 10, 21), date(2024, 11, 5))
    assert len(days) == 173


def test_west_fargo_wrong_total(published):
    """A published total that the calendar does not give is told with both numbers."""
    year = _west_fargo(published["west"], expect={"on_site_days": 174})
    found = schedule_findings([year], no_sources())
    assert [(each.code, each.message) for each in found] == [("count_mismatch", "174 declared, 173 computed.")]


def _newburg(data, **more):
    """The Newburg year as a year file, its Mondays as one named set of closures."""
    closures = [
        {"date": day, "kind": kind}
        for name, kind in (("pd_days", "pd_day"), ("holidays", "holiday"), ("conference_days", "conference"))
        for day in data[name]
    ]
    closures.append({"dates": data["four_day_week_closures"], "kind": "other_closure", "set": "four_day_week"})
    spans = (data["winter_break"], data["spring_break"])
    closures += [{"from": span["first"], "to": span["last"], "kind": "break"} for span in spans]
    ends = [f"2024-{day}" if day > "08" else f"2025-{day}" for day in data["quarters_end_as_published"]]
    return year_of(data["first_day"], data["last_day"], closures=closures, terms={"quarter": ends}, **more)


def _by_weekday(days):
    return [sum(day.weekday() == number for day in days.days) for number in range(5)]


def test_newburg_four_day_week_has_152_days(published):
    """Mondays 8, Tuesdays 38, Wednesdays 35, Thursdays 37, Fridays 34; 154 days where conference days count."""
    assert _by_weekday(year_days(_newburg(published["newburg"]).shape)) == [8, 38, 35, 37, 34]
    counted = ["regular", "early_release", "late_start", "half", "off_site", "make_up", "conference"]
    open_ = _newburg(published["newburg"], counts_as_instructional=counted)
    assert len(year_days(open_.shape)) == 154


def test_newburg_slips_are_found(published):
    """Exactly six: a Sunday, a holiday after the year, a Wednesday among Mondays, three ends on no school day."""
    found = schedule_findings([_newburg(published["newburg"])], no_sources())
    assert sorted((each.code, str(each.on_date)) for each in found) == [
        ("breaks_week_pattern", "2024-09-18"),
        ("closure_on_weekend", "2025-01-26"),
        ("date_outside_year", "2025-05-26"),
        ("term_end_not_school_day", "2024-10-13"),
        ("term_end_not_school_day", "2024-12-22"),
        ("term_end_not_school_day", "2025-05-24"),
    ]


def test_newburg_as_a_week_pattern_is_the_same(published):
    """A week of Tuesday to Friday with eight opened Mondays gives the same days as closing the others."""
    data = published["newburg"]
    listed = year_days(_newburg(data).shape)
    mondays = [day.isoformat() for day in listed.days if day.weekday() == 0]
    names = ("pd_days", "four_day_week_closures", "holidays", "conference_days")
    closed = [{"date": day, "kind": "holiday"} for name in names for day in data[name]]
    closures = [each for each in closed if date.fromisoformat(each["date"]).weekday()]
    spans = (data["winter_break"], data["spring_break"])
    closures += [{"from": span["first"], "to": span["last"], "kind": "break"} for span in spans]
    rest = {"week": ["tue", "wed", "thu", "fri"], "closures": closures}
    for opened in (
        {"day_kinds": dict.fromkeys(mondays, "regular")},
        {"overrides": [{"schools": "all", "grades": "all", "open": mondays}]},
    ):
        assert year_days(year_of(data["first_day"], data["last_day"], **rest, **opened).shape).days == listed.days


def _snowline(data, *more):
    """Snowline's windows; a window without grades asks all of them."""
    windows = [
        {
            "id": f"w{number}",
            "kind": "rubric",
            "label": {"en": each["name"]},
            "respondents": {"student": {"grades": each["grades"]} if "grades" in each else "all"},
            "opens": each["opens"],
            "closes": each["closes"],
        }
        for number, each in enumerate([*data["windows"], *more])
    ]
    return year_of("2024-08-08", "2025-05-30", windows=windows)


def _overlaps(year):
    found = schedule_findings([year], no_sources())
    return [each.message for each in found if each.code == "window_overlap"]


def test_snowline_has_one_overlap(published):
    """Of ten pairs of windows only the fall test and the fidelity inventory ask the same people at once."""
    assert _overlaps(_snowline(published["snowline"])) == [
        "'w3' asks the same people as 'w1' from 2024-08-12 to 2024-09-30."
    ]


def test_snowline_interim_tests_collide_with_the_survey(published):
    """The interim tests of the district's own note overlap the fall survey on all its days."""
    interim = {"name": "Interim", "opens": "2024-10-21", "closes": "2024-11-01"}
    told = _overlaps(_snowline(published["snowline"], interim))
    assert told[1:] == ["'w5' asks the same people as 'w0' from 2024-10-21 to 2024-11-01."]


def test_dekalb_holds_two_steps_on_two_evenings(published):
    """Eight steps of the budget; two evenings hold two of them each."""
    steps = [
        {"id": name.replace(" ", "_"), "on": at[:10], "at": at[11:16]} for name, at in published["dekalb"]["steps"]
    ]
    year = year_of("2018-08-06", "2019-05-24", budget=steps)
    found = [each for each in schedule_findings([year], no_sources()) if each.code == "same_evening"]
    assert len(steps) == 8
    assert sorted(each.message.split(" is on ")[1][:10] for each in found) == ["2019-05-06", "2019-06-10"]
