"""Riverbend's year as its files give it: school days, windows, reviews. Source: schedule.md 14, reviews.md 3.1."""

from datetime import date

import pytest

from aimline.demo.facts import YEARS
from aimline.schedule import resolve_dates
from aimline.schedule.calendars import Scope, year_days
from aimline.settings import load_deployment


@pytest.fixture(scope="module")
def riverbend():
    """The deployment and its dates."""
    deployment = load_deployment("riverbend")
    return deployment, resolve_dates(deployment)


def _texts(days):
    return [days[name].isoformat() for name in days]


def test_the_year_has_178_days_on_site_and_one_off_site(riverbend):
    """179 school days from 19 August to 27 May, of which 3 November is learned at home."""
    year = riverbend[0].years[2027]
    days = year_days(year)
    assert (len(days), date(2026, 11, 3) in days, date(2027, 2, 15) in days) == (179, True, False)
    assert year_days(year, Scope(None, "K")).nth(1) == date(2026, 8, 24)


def test_the_fall_survey_opens_on_the_40th_day(riverbend):
    """14 October to 3 November, answers taken until the 10th."""
    assert _texts(riverbend[1][2027, "sel_survey_fall"]) == ["2026-10-14", "2026-11-03", "2026-11-10"]


def test_the_mid_year_review_is_as_declared(riverbend):
    """Packet, meeting, decisions and close stand in the file."""
    expected = ["2027-01-06", "2027-01-11", "2027-01-15", "2027-02-01"]
    assert _texts(riverbend[1][2027, "mid_year"]) == expected


def test_the_end_of_year_review_is_filled_in(riverbend):
    """Only its meeting is declared: the packet is five school days before, the close in June."""
    expected = ["2027-05-13", "2027-05-20", "2027-05-25", "2027-06-09"]
    assert _texts(riverbend[1][2027, "end_of_year"]) == expected


@pytest.mark.parametrize("school_year", sorted(YEARS))
def test_the_vendor_keeps_the_same_calendar(riverbend, school_year):
    """The invented vendors' own days and windows are those of the declared facts."""
    deployment, dates = riverbend
    vendor = YEARS[school_year]
    assert year_days(deployment.years[school_year]).days == vendor.days
    windows = {each.window_id: (each.opens_on, each.closes_on) for each in vendor.windows}
    ours = {name: dates[school_year, name] for name in windows}
    assert {name: (days["opens_on"], days["closes_on"]) for name, days in ours.items()} == windows
