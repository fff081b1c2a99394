"""The clock: a night is a function of its date, whatever the machine says."""

from datetime import UTC, date, datetime, time

import pytest
import time_machine

from aimline import clock
from aimline.clock import clock_for, end_of_day_utc

CHICAGO = "America/Chicago"
NIGHTLY = time(4, 30)


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 7, 1), datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
        (date(2027, 1, 15), datetime(2027, 1, 15, 10, 30, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 1, 10, 30, tzinfo=UTC)),
    ],
)
def test_replayed_night_is_at_its_nightly_hour(day: date, instant: datetime) -> None:
    """With a day given, now is that day at the nightly hour of the district's zone, summer and winter."""
    replayed = clock_for(CHICAGO, NIGHTLY, day)
    assert (replayed.as_of, replayed.is_live, replayed.instant()) == (day, False, instant)


@time_machine.travel(datetime(2026, 10, 8, 3, 15, 7, 99, tzinfo=UTC), tick=False)
def test_live_night_is_today_where_the_district_is() -> None:
    """At a quarter past three in Greenwich it is still yesterday in Chicago; the instant has whole seconds."""
    live = clock_for(CHICAGO, NIGHTLY, None)
    assert (live.as_of, live.is_live) == (date(2026, 10, 7), True)
    assert live.instant() == datetime(2026, 10, 8, 3, 15, 7, tzinfo=UTC)


@time_machine.travel(datetime(2030, 1, 1, tzinfo=UTC))
def test_replayed_night_does_not_look_at_the_machine() -> None:
    """The same day gives the same instant years later."""
    assert clock_for(CHICAGO, NIGHTLY, date(2026, 10, 7)).instant() == datetime(2026, 10, 7, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 10, 7), datetime(2026, 10, 8, 5, tzinfo=UTC)),
        (date(2026, 11, 1), datetime(2026, 11, 2, 6, tzinfo=UTC)),
        (date(2027, 3, 14), datetime(2027, 3, 15, 5, tzinfo=UTC)),
    ],
)
def test_day_ends_at_local_midnight(day: date, end: datetime) -> None:
    """A day of 25 or 23 hours ends with its own midnight."""
    assert end_of_day_utc(day, CHICAGO) == end


def test_durations_never_run_backwards() -> None:
    """Wall and CPU seconds grow, whatever is done to the machine's date."""
    wall, cpu = clock.wall_seconds(), clock.cpu_seconds()
    with time_machine.travel(datetime(2000, 1, 1, tzinfo=UTC)):
        assert clock.cpu_seconds() >= cpu
    assert clock.wall_seconds() >= wall


def test_sleep_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """One place waits, so that a test can replace it."""
    waited: list[float] = []
    monkeypatch.setattr("time.sleep", waited.append)
    clock.sleep(2.5)
    assert waited == [2.5]
