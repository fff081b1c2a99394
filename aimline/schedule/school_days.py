"""Count days: school days, working days, any list of days in order. The only place that does.

Pure arithmetic on sorted lists. A list runs over all years that are known, so summer is a gap and not an end; what
lies beyond it cannot be counted and is an error. Instants, time zones and reasons have no place here. Source:
schedule.md 3.3.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from aimline.errors import CalendarHorizon, DeclaredFactError, NotASchoolDay, ZeroShift

_JULY = 7


@dataclass(frozen=True)
class Days:
    """Days in order, none twice.

    Attributes:
        days: The days.
        what: What they are, for messages.
    """

    days: tuple[date, ...]
    what: str = "school day"

    def __contains__(self, day: date) -> bool:
        """Say whether a day is in the list."""
        place = bisect_left(self.days, day)
        return place < len(self.days) and self.days[place] == day

    def __len__(self) -> int:
        """Return how many days there are."""
        return len(self.days)

    def next_on_or_after(self, day: date) -> date:
        """Return the day itself when it is in the list, else the next one that is."""
        return self._at(bisect_left(self.days, day), day)

    def prev_on_or_before(self, day: date) -> date:
        """Return the day itself when it is in the list, else the last one that is before it."""
        return self._at(bisect_right(self.days, day) - 1, day)

    def add(self, day: date, n: int) -> date:
        """Return the n-th day after a day, or before it when n is negative.

        A day that is not in the list counts from the nearest one on the far side: one school day after a holiday is
        the first school day after it, one school day before it is the last one before it.
        """
        if n == 0:
            raise ZeroShift(f"0 {self.what}s from {day} is no shift: use roll.", remedy="Use the date, or roll.")
        start = bisect_right(self.days, day) - 1 if n > 0 else bisect_left(self.days, day)
        return self._at(start + n, day)

    def nth(self, n: int) -> date:
        """Return the n-th day: 1 is the first, -1 the last."""
        if n == 0:
            raise ZeroShift(f"there is no {self.what} 0.", remedy="Count from 1, or from -1 at the end.")
        if abs(n) > len(self.days):
            raise CalendarHorizon(
                f"there is no {self.what} {n}: there are {len(self.days)}.", remedy="Give a number within them."
            )
        return self.days[n - 1 if n > 0 else n]

    def count(self, first: date, last: date) -> int:
        """Return how many days lie from first to last, both included; 0 when last is before first."""
        return max(0, bisect_right(self.days, last) - bisect_left(self.days, first))

    def span(self, start: date, n: int) -> date:
        """Return the last of n days of which ``start``, or the next day in the list, is the first."""
        self._whole(start, n)
        return self._at(bisect_left(self.days, start) + n - 1, start)

    def back_span(self, finish: date, n: int) -> date:
        """Return the first of n days of which ``finish``, or the last day in the list before it, is the last."""
        self._whole(finish, n)
        return self._at(bisect_right(self.days, finish) - n, finish)

    def between(self, first: date, last: date) -> "Days":
        """Return the part from first to last, both included."""
        return Days(self.days[bisect_left(self.days, first) : bisect_right(self.days, last)], self.what)

    def _whole(self, day: date, n: int) -> None:
        if n < 1:
            raise ZeroShift(f"{n} {self.what}s from {day} are no span.", remedy="A span has at least one day.")

    def _at(self, place: int, day: date) -> date:
        if 0 <= place < len(self.days):
            return self.days[place]
        if not self.days:
            raise CalendarHorizon(f"no {self.what} is known.", remedy="Correct the week, or the closures.")
        year = _school_year(self.days[-1]) + 1 if place > 0 else _school_year(self.days[0]) - 1
        label = f"{year - 1}-{year % 100:02d}"
        raise CalendarHorizon(
            f"counting from {day} needs the calendar of {label}.",
            remedy=f"Add years/{label}.yml, or shorten the rule.",
        )


def _school_year(day: date) -> int:
    return day.year + (day.month >= _JULY)


@dataclass(frozen=True)
class Lists:
    """What rules count in, over all years."""

    school: Days
    working: Days

    def of(self, unit: str) -> Days:
        """Return the list that a unit counts in: ``school_days``, ``working_days`` or ``calendar_days``."""
        if unit == "calendar_days":
            return _every(self.working.days[0], self.working.days[-1])
        return self.school if unit == "school_days" else self.working

    def roll(self, day: date, how: str) -> date:
        """Return the day itself when it is in the list that ``how`` names, else the one before or after it.

        Args:
            day: Any day.
            how: ``previous_school_day``, ``next_school_day``, the same of a working day, or ``none``: then the day
                must be a school day.
        """
        if how == "none":
            if day not in self.school:
                raise NotASchoolDay(f"{day} is no school day.", remedy="Let it roll, or change the number.")
            return day
        days = self.school if how.endswith("school_day") else self.working
        return days.prev_on_or_before(day) if how.startswith("previous") else days.next_on_or_after(day)

    def shift(self, day: date, n: int) -> date:
        """Return the day n school days away, itself for none; where the known school days end, working days go on."""
        if n == 0:
            return day
        try:
            return self.school.add(day, n)
        except DeclaredFactError:
            return self.working.add(day, n)


@lru_cache(maxsize=256)
def every_day(first: date, last: date) -> tuple[date, ...]:
    """Return every date from first to last, both included; the same dates are the same objects, since lists share."""
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))


@lru_cache(maxsize=16)
def _every(first: date, last: date) -> Days:
    return Days(every_day(first, last), "calendar day")
