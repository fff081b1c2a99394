"""Match what arrived with what was expected. When something is expected is decided in ``aimline/schedule``."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from aimline.arrival.outcome import school_year_of


class Expectation(Protocol):
    """One expected delivery, as ``aimline/schedule`` tells it; instants are UTC."""

    @property
    def source_id(self) -> str:
        """The source."""

    @property
    def school_year(self) -> int:
        """The year it belongs to."""

    @property
    def expected_on(self) -> date:
        """The day it is expected."""

    @property
    def through_on(self) -> date | None:
        """The last day its rows should reach."""

    @property
    def due_at(self) -> datetime:
        """The instant it should be there."""

    @property
    def late_at(self) -> datetime:
        """The instant from which it is late."""


def expectation_met(
    expected: Sequence[Expectation], *, named_on: date | None, came_on: date, school_days: Mapping[date, bool]
) -> Expectation | None:
    """Return the expectation of a source that a delivery meets; None when it was not expected.

    Args:
        expected: What is expected of the source, by day.
        named_on: The date in the delivery's name: the day its rows reach, or the day it was made for.
        came_on: The local day it came.
        school_days: Date -> whether it counts; what is due on a day without school is due on the next one with.
    """
    this_year = [each for each in expected if each.school_year == school_year_of(came_on)]
    if named_on is None:
        due = [each for each in this_year if each.expected_on <= came_on]
        return max(due, key=lambda each: each.expected_on, default=None)
    reaches = {each.through_on or each.expected_on: each for each in this_year}
    if named_on not in reaches and not school_days.get(named_on, True):
        named_on = min((day for day, counts in school_days.items() if counts and day > named_on), default=named_on)
    nearest = max((day for day in reaches if day <= named_on), default=None)
    return reaches[nearest] if nearest else None


def late_now(
    expected: Iterable[Expectation], met: set[tuple[str, date]], *, since: datetime, now: datetime
) -> list[Expectation]:
    """Return the expectations whose grace ended in (since, now] and that nothing has met, by day and source."""
    late = [each for each in expected if since < each.late_at <= now and (each.source_id, each.expected_on) not in met]
    return sorted(late, key=lambda each: (each.expected_on, each.source_id))
