"""Count days: school days, working days, any list of days in order. The only place that does.

Pure arithmetic on sorted lists. A list runs over all years that are known, so summer is a gap and not an end; what
lies beyond it cannot be counted and is an error. Instants, time zones and reasons have no place here. Source:
schedule.md 3.3.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date, timedelta

from aimline.errors import DeclaredFactError

_REMEDY = "Declare the next school year, or shorten the rule."


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
            raise DeclaredFactError(f"0 {self.what}s from {day} is no shift.", remedy="Use the date, or roll.")
        start = bisect_right(self.days, day) - 1 if n > 0 else bisect_left(self.days, day)
        return self._at(start + n, day)

    def nth(self, n: int) -> date:
        """Return the n-th day: 1 is the first, -1 the last."""
        if n == 0 or abs(n) > len(self.days):
            raise DeclaredFactError(
                f"there is no {self.what} {n}: there are {len(self.days)}.", remedy="Give a number within them."
            )
        return self.days[n - 1 if n > 0 else n]

    def count(self, first: date, last: date) -> int:
        """Return how many days lie from first to last, both included; 0 when last is before first."""
        return max(0, bisect_right(self.days, last) - bisect_left(self.days, first))

    def span(self, start: date, n: int) -> date:
        """Return the last of n days of which ``start``, or the next day in the list, is the first."""
        return self._at(bisect_left(self.days, start) + n - 1, start)

    def back_span(self, finish: date, n: int) -> date:
        """Return the first of n days of which ``finish``, or the last day in the list before it, is the last."""
        return self._at(bisect_right(self.days, finish) - n, finish)

    def between(self, first: date, last: date) -> "Days":
        """Return the part from first to last, both included."""
        return Days(self.days[bisect_left(self.days, first) : bisect_right(self.days, last)], self.what)

    def _at(self, place: int, day: date) -> date:
        if not 0 <= place < len(self.days):
            known = f"known from {self.days[0]} to {self.days[-1]}" if self.days else "not known"
            raise DeclaredFactError(f"counting from {day} leaves the {self.what}s, {known}.", remedy=_REMEDY)
        return self.days[place]


def every_day(first: date, last: date) -> tuple[date, ...]:
    """Return every date from first to last, both included."""
    return tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
