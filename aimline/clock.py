"""Tell the time. The only module that reads the machine's clock; everything else takes a date or a ``Clock``.

A night is a function of its date: with ``--as-of`` given, "now" is that day at the nightly hour of the district, so
that a replayed night writes the same bytes each time. Nothing about calendars or school days belongs here.
"""

import time as _time
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class Clock:
    """The time of one run.

    Attributes:
        as_of: The day whose knowledge the run works with, in the district's zone.
        zone: IANA name of the district's time zone.
        is_live: True when the day is today because nobody gave one.
        nightly_at: Local hour a night begins.
    """

    as_of: date
    zone: str
    is_live: bool
    nightly_at: time

    def instant(self) -> datetime:
        """Return now in UTC: the machine's when live, else ``as_of`` at the nightly hour."""
        if self.is_live:
            return datetime.now(UTC).replace(microsecond=0)
        return datetime.combine(self.as_of, self.nightly_at, ZoneInfo(self.zone)).astimezone(UTC)


def clock_for(zone: str, nightly_at: time, as_of: date | None) -> Clock:
    """Return the clock of a run: replayed when a day is given, live otherwise."""
    if as_of is not None:
        return Clock(as_of, zone, is_live=False, nightly_at=nightly_at)
    return Clock(datetime.now(ZoneInfo(zone)).date(), zone, is_live=True, nightly_at=nightly_at)


def end_of_day_utc(as_of: date, zone: str) -> datetime:
    """Return the first instant after a local day; *as of D* means received before this."""
    return datetime.combine(as_of + timedelta(days=1), time(), ZoneInfo(zone)).astimezone(UTC)


def wall_seconds() -> float:
    """Return seconds of a clock that never runs backwards; only differences mean something."""
    return _time.perf_counter()


def cpu_seconds() -> float:
    """Return the CPU seconds this process has used."""
    return _time.process_time()


def sleep(seconds: float) -> None:
    """Wait; the one place that does, so that tests replace it."""
    _time.sleep(seconds)


def epoch_seconds() -> int:
    """Return whole seconds since 1970; for libraries that compare with it, never for what is written down."""
    return int(_time.time())
