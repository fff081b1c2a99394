"""Say why a date of a plan changed: compare the year file it came from with the one it comes from now.

Source: schedule.md 5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from aimline.schedule.items import Item
from aimline.schedule.leads import DEFAULTS
from aimline.schedule.rules import rule_text
from schemas.years import Window, YearFile

_SHOWN = 5


@dataclass(frozen=True)
class Causes:
    """What differs between two year files.

    Attributes:
        old: The file before; None where it is not known.
        new: The file now.
    """

    old: YearFile | None
    new: YearFile

    def of(self, item: Item, was: Any, now: Any) -> str:
        """Return why one field of an item is another now."""
        if self.old is None:
            return "the year file changed"
        until = max(_day(was), _day(now), _day(item.due_on))  # what is counted back loses days before its own end
        found = list(self._own(self.old, item)) or list(self._of_days(self.old, until))
        found = found or list(self._of_anchor(self.old))
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        return f"{', '.join(found[:_SHOWN])}{more}" if found else "what it is counted from moved"

    def of_item(self, item: Item, *, is_new: bool) -> str:
        """Return why an item is there now, or is no more."""
        return f"{item.id} was {'added to' if is_new else 'removed from'} the year file"

    def _own(self, old: YearFile, item: Item) -> Iterator[str]:
        """Yield changes of what the item itself is made from: its pin, its window, its lead time."""
        names = (item.id, f"{item.id}.opens", f"{item.id}.closes", item.window_id or "")
        for name in dict.fromkeys(names):
            was, now = old.pins.get(name), self.new.pins.get(name)
            if was != now:
                yield f"pin {name} {'added' if was is None else 'removed' if now is None else 'moved'}"
        windows = [_window(year, item.window_id) for year in (old, self.new)]
        if windows[0] and windows[1]:
            yield from _window_changes(windows[0], windows[1])
        part = item.id.rpartition(".")[2]
        if part in DEFAULTS and old.lead_times.get(part) != self.new.lead_times.get(part):  # type: ignore[call-overload]  # any word
            yield f"lead time {part} changed"

    def _of_days(self, old: YearFile, until: date) -> Iterator[str]:
        """Yield days that were closed or opened before a date."""
        was, now = (_closed(year) for year in (old, self.new))
        yield from (f"closure {day} added" for day in sorted(now - was) if day <= until)
        yield from (f"closure {day} removed" for day in sorted(was - now) if day <= until)
        for day, kind in sorted(self.new.day_kinds.items()):
            if old.day_kinds.get(day) != kind and day <= until:
                yield f"{day} is {kind.replace('_', ' ')} now"

    def _of_anchor(self, old: YearFile) -> Iterator[str]:
        was = {each.id: each.on for each in old.budget}
        for step in self.new.budget:
            if step.id in was and was[step.id] != step.on:
                yield f"budget.{step.id} moved from {was[step.id]} to {step.on}"
        reviews = {each.id: each for each in old.reviews}
        yield from (f"review {each.id} changed" for each in self.new.reviews if reviews.get(each.id, each) != each)
        for kind in sorted({*old.lead_times, *self.new.lead_times}):
            if old.lead_times.get(kind) != self.new.lead_times.get(kind):
                yield f"lead time {kind} changed"


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.min


def _closed(year: YearFile) -> set[date]:
    return {day for closure in year.closures for day, _ in closure.placed_days()}


def _window(year: YearFile, name: str | None) -> Window | None:
    return next((each for each in year.windows if each.id == name), None)


def _window_changes(old: Window, new: Window) -> Iterator[str]:
    if old.opens != new.opens:
        yield f"{new.id} opens by {_rule(new)}, not {_rule(old)}"
    if (old.length, old.closes) != (new.length, new.closes):
        yield f"the length of {new.id} changed"
    if old.late_accept != new.late_accept:
        yield f"late_accept of {new.id} changed"


def _rule(window: Window) -> str:
    return str(window.opens.on) if window.opens.on else rule_text(window.opens)
