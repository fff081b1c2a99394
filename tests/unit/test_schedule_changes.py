"""What closures and make-up days move, on a year small enough to count by hand."""

from datetime import date

from aimline.schedule.calendars import Calendar, Scope, year_days
from aimline.schedule.changes import Settled, extended, if_closed, lost_days, settled
from tests.support.declared import year_of

YEAR = ("2026-08-19", "2027-05-27")
OPENS, CLOSES = date(2026, 11, 16), date(2026, 12, 11)
LATER = (date(2026, 11, 17), date(2026, 12, 14))
SNOW = [date(2026, 12, 2), date(2026, 12, 3)]


def _calendar(*closures, **rest):
    return Calendar(year_of(*YEAR, closures=list(closures), **rest).shape)


def _snow(day, **more):
    return {"date": day, "kind": "snow", "declared_on": day, **more}


def test_a_window_loses_the_school_days_that_were_closed_inside_it():
    """Snow on a Wednesday and a Thursday are two lost days; a Saturday and a day outside are none."""
    calendar = _calendar(_snow("2026-12-02"), _snow("2026-12-03"), _snow("2026-12-05"), _snow("2026-12-14"))
    lost = lost_days(calendar, (OPENS, CLOSES))
    assert [(each.on, each.id, each.kind) for each in lost] == [
        (SNOW[0], "closure.2026-12-02", "snow"),
        (SNOW[1], "closure.2026-12-03", "snow"),
    ]
    assert [each.declared_on for each in lost] == SNOW


def test_a_closure_that_a_version_has_taken_in_is_lost_no_more():
    """The id in the record of a version keeps one closure from extending a window twice."""
    calendar = _calendar(_snow("2026-12-02"), _snow("2026-12-03"))
    assert [each.on for each in lost_days(calendar, (OPENS, CLOSES), {"closure.2026-12-02"})] == [SNOW[1]]


def test_a_day_that_was_opened_again_is_not_lost():
    """A day kind beats a closure: the day is held at home and nothing is lost."""
    calendar = _calendar(_snow("2026-12-02"), day_kinds={"2026-12-02": "off_site"})
    assert lost_days(calendar, (OPENS, CLOSES)) == ()


def test_snow_at_one_school_is_lost_for_that_school():
    """The district and other schools keep the day."""
    calendar = _calendar(_snow("2026-12-02", schools=["0104"]))
    scopes = (Scope("0104", "5"), Scope("0105"), Scope())
    assert [len(lost_days(calendar, (OPENS, CLOSES), scope=scope)) for scope in scopes] == [1, 0, 0]


def test_lost_days_come_back_at_the_end():
    """Two days lost move the last day from Friday to Tuesday; no more than may be given are given."""
    days = _calendar(_snow("2026-12-02"), _snow("2026-12-03")).days()
    ends = [extended(CLOSES, 2, n_most, days) for n_most in (5, 1, 0)]
    assert ends == [date(2026, 12, 15), date(2026, 12, 14), CLOSES]


def test_a_lost_last_day_counts_from_the_day_before():
    """A window whose last day is closed has its days back the next school day."""
    days = _calendar(_snow("2026-12-11")).days()
    assert extended(CLOSES, 1, 5, days) == date(2026, 12, 14)


def test_a_planned_window_takes_what_its_rules_give():
    """Nothing of it is over, so it moves."""
    assert settled((OPENS, CLOSES), LATER, date(2026, 11, 1), is_open=False) == Settled(*LATER)


def test_an_open_window_and_one_that_is_over_keep_their_dates():
    """Neither an open window nor what lies before the day of the change moves."""
    assert settled((OPENS, CLOSES), LATER, date(2026, 11, 16), is_open=True) == Settled(OPENS, CLOSES)
    assert settled((OPENS, CLOSES), LATER, date(2026, 11, 17), is_open=False) == Settled(OPENS, CLOSES)


def test_an_opening_that_would_be_over_is_kept_and_told():
    """A make-up day moves the rule's opening before the day of the change: the old one holds."""
    earlier = (date(2026, 11, 13), date(2026, 12, 10))
    kept = settled((OPENS, CLOSES), earlier, date(2026, 11, 16), is_open=False)
    assert kept == Settled(OPENS, CLOSES, "opening_kept")


def test_what_if_days_were_closed():
    """Each school day among them is closed, once, also where its kind was declared; the rest stays as it is."""
    year = year_of(*YEAR, day_kinds={"2026-12-02": "off_site"}).shape
    changed = if_closed(year, [*SNOW, SNOW[0], date(2026, 12, 5)], date(2026, 12, 4))
    assert set(year_days(year).days) - set(year_days(changed).days) == set(SNOW)
    assert [(each.date, each.declared_on) for each in changed.closures] == [(day, date(2026, 12, 4)) for day in SNOW]
