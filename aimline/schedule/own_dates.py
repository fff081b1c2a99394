"""Give a school its own dates of windows that every school resolves on its own days. Source: schedule.md 3.2."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from aimline.schedule.calendars import Calendars, Scope
from aimline.schedule.items import Item
from schemas.years import YearFile


def dates_for_school(years: Iterable[YearFile], school_year: int, school_id: str) -> Callable[[Item], Item]:
    """Return what gives an item the dates of a school: from its first school day in the window on, all its days.

    Only windows with ``resolve: own_days`` have any; all other items keep the dates of the district.

    Args:
        years: All years that are known.
        school_year: The year of the items.
        school_id: The school.
    """
    known = tuple(years)
    calendars, scope = Calendars(known), Scope(school_id)
    own = next(each for each in known if each.school_year.id == school_year)
    names = {each.id for each in own.windows if each.resolve == "own_days"}

    def dated(item: Item) -> Item:
        if item.id not in names or item.opens_on is None or item.closes_on is None:
            return item
        opens, closes = calendars.own_span((item.opens_on, item.closes_on), scope)
        return replace(item, opens_on=opens, closes_on=closes, due_on=closes)

    return dated
