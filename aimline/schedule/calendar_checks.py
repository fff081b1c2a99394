"""Judge a calendar as it is declared: closures, overrides, terms, totals, board dates. Findings, never exceptions.

Dates that rules give are judged by ``check``. Source: schedule.md 3.5.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING

from aimline._declared_files import Loaded
from aimline.errors import Finding
from aimline.schedule.calendars import Calendar, strength
from aimline.schedule.school_days import Days
from schemas._base import WEEKDAYS
from schemas.years import Override, YearFile

if TYPE_CHECKING:
    from aimline._yaml import TreePath

Findings = Iterator[Finding]
Year = Loaded[YearFile]

_MOST, _OF = 4, 5  # four fifths of a set on one weekday make it a pattern of the week
_SLOW = frozenset({"YEARLY", "MONTHLY", "WEEKLY", "DAILY"})


def calendar_findings(loaded: Year, year: YearFile, calendar: Calendar) -> Findings:
    """Yield everything wrong with one calendar.

    Args:
        loaded: The file, for places.
        year: Its shape.
        calendar: Its days.
    """
    days = calendar.days()
    if not days.days:
        message = "no day of the year is a school day."
        yield loaded.finding(("school_year",), message, "Correct its week, or its closures.", code="no_school_days")
        return
    yield from _closure_findings(loaded, year)
    yield from _pattern_findings(loaded, year)
    yield from _twice_closed(loaded, year)
    yield from _outside(loaded, year)
    yield from _override_findings(loaded, year)
    yield from _scope_findings(loaded, calendar)
    yield from _term_findings(loaded, year, calendar)
    yield from _count_findings(loaded, year, calendar)
    yield from _evening_findings(loaded, year)
    yield from _board_findings(loaded, year)
    yield from _unconfirmed_findings(loaded, year)


def _school_weekdays(year: YearFile) -> set[str]:
    """Return the weekdays on which anybody has school."""
    return {*year.school_year.week, *(day for override in year.overrides for day in override.week or ())}


def _opened(year: YearFile) -> set[date]:
    """Return the days that somebody declared open, whatever the week says."""
    opened = {day for override in year.overrides for day in override.open}
    return opened | {day for day, kind in year.day_kinds.items() if kind in year.counts_as_instructional}


def _closure_findings(loaded: Year, year: YearFile) -> Findings:
    """A closure of days without school says nothing: a date is wrong, or the week is. Spans may run over weekends."""
    weekdays, opened = _school_weekdays(year), _opened(year)
    own = year.school_year
    for number, closure in enumerate(year.closures):
        placed = [
            (day, path, WEEKDAYS[day.weekday()] not in weekdays and day not in opened)
            for day, path in closure.placed_days()
        ]
        if closure.from_:
            placed = placed[:1] if all(is_idle for _, _, is_idle in placed) else []
        for day, path, is_idle in placed:
            if is_idle and own.first_day <= day <= own.last_day:
                message = f"{day} is a {day:%A}, without school in any week."
                remedy = "Correct the date, or remove the closure."
                place: TreePath = ("closures", number, *path)
                yield loaded.finding(place, message, remedy, code="closure_on_weekend", on_date=day)


def _pattern_findings(loaded: Year, year: YearFile) -> Findings:
    """Where most dates of a set are on one weekday, one on another weekday is likely a slip."""
    weekdays = _school_weekdays(year)
    sets: dict[str, list[tuple[date, TreePath]]] = {}
    for number, closure in enumerate(year.closures):
        if closure.set:
            placed = [(day, ("closures", number, *path)) for day, path in closure.placed_days()]
            sets.setdefault(closure.set, []).extend(placed)
    for name, placed in sets.items():
        ((usual, n_usual),) = Counter(day.weekday() for day, _ in placed).most_common(1)
        if n_usual * _OF < len(placed) * _MOST:
            continue
        for day, path in placed:
            if day.weekday() != usual and WEEKDAYS[day.weekday()] in weekdays:
                message = f"{day} is a {day:%A}; {n_usual} of {len(placed)} dates of '{name}' are on another weekday."
                remedy = f"Correct the date, or give it another set than '{name}'."
                yield loaded.finding(path, message, remedy, severity="warning", code="breaks_week_pattern", on_date=day)


def _twice_closed(loaded: Year, year: YearFile) -> Findings:
    """Two closures may not both speak of one day of one school; each pair is told at its first day."""
    first: dict[tuple[date, str | None], int] = {}
    told: set[tuple[int, int]] = set()
    for number, closure in enumerate(year.closures):
        for day, path in closure.placed_days():
            names = closure.schools or (None,)
            asked = {None, *names} if closure.schools else {key[1] for key in first if key[0] == day}
            earlier = [first[day, name] for name in sorted(asked, key=str) if (day, name) in first]
            for name in names:
                first.setdefault((day, name), number)
            if earlier and (earlier[0], number) not in told:
                told.add((earlier[0], number))
                line = loaded.finding(("closures", earlier[0]), "").line
                message = f"{day} is closed already, in line {line}."
                place: TreePath = ("closures", number, *path)
                yield loaded.finding(place, message, "Keep one of them.", code="duplicate_closure", on_date=day)


def _outside(loaded: Year, year: YearFile) -> Findings:
    """What is said of days before the first or after the last says nothing."""
    starts = [year.school_year.first_day, *(each.first_day for each in year.overrides if each.first_day)]
    ends = [year.school_year.last_day, *(each.last_day for each in year.overrides if each.last_day)]
    spoken: list[tuple[TreePath, date]] = []
    for number, closure in enumerate(year.closures):
        placed = [(("closures", number, *path), day) for day, path in closure.placed_days()]
        spoken += placed if closure.from_ is None else [placed[0], *placed[1:][-1:]]
    spoken += [(("day_kinds", day.isoformat()), day) for day in year.day_kinds]
    for number, override in enumerate(year.overrides):
        for key in ("closed", "open"):
            spoken += [(("overrides", number, key, place), day) for place, day in enumerate(getattr(override, key))]
    for path, day in spoken:
        if not min(starts) <= day <= max(ends):
            message = f"{day} is outside the school year, {min(starts)} to {max(ends)}."
            remedy = "Correct the date, or remove it."
            yield loaded.finding(path, message, remedy, code="date_outside_year", on_date=day)


Stated = tuple[int, str | None, str | None, "date | str"]


def _stated(override: Override) -> Iterator[Stated]:
    """Yield what an override speaks of: its strength, a school, a grade, and a day or a key such as ``week``."""
    topics: list[date | str] = [*override.closed, *override.open]
    topics += [key for key in ("first_day", "last_day", "week") if getattr(override, key) is not None]
    for school_id in override.schools or (None,):
        for grade in override.grades or (None,):
            yield from ((strength(override), school_id, grade, topic) for topic in topics)


def _override_findings(loaded: Year, year: YearFile) -> Findings:
    """Two overrides of one strength may not both speak of a thing of the same school and grade."""
    first: dict[Stated, int] = {}
    told: set[tuple[int, int]] = set()
    for number, override in enumerate(year.overrides):
        own: set[Stated] = set()
        for stated in _stated(override):
            topic, earlier = stated[3], first.setdefault(stated, number)
            is_doubled = earlier != number or (isinstance(topic, date) and stated in own)
            own.add(stated)
            if is_doubled and (earlier, number) not in told:
                told.add((earlier, number))
                line = loaded.finding(("overrides", earlier), "").line
                message = f"{topic} is spoken of in line {line} already, for the same schools and grades."
                day = topic if isinstance(topic, date) else None
                yield loaded.finding(
                    ("overrides", number), message, "Keep one of them.", code="duplicate_override", on_date=day
                )


def _scope_findings(loaded: Year, calendar: Calendar) -> Findings:
    """A school or a grade without any school day is a mistake; each list of lines that makes one is told once."""
    told = set()
    for days, scopes in calendar.shared():
        for scope in scopes if not days.days else ():
            signature = calendar.signature(scope)
            if signature in told:
                continue
            told.add(signature)
            path: TreePath = ("overrides", signature[0][-1]) if signature[0] else ("closures",)
            message = f"{scope} has no school day."
            yield loaded.finding(path, message, "Correct its days, or its closures.", code="no_school_days")


def _term_findings(loaded: Year, year: YearFile, calendar: Calendar) -> Findings:
    days, kinds = calendar.days(), calendar.kinds()
    for kind, ends in year.terms.items():
        for number, end in enumerate(ends):
            path: TreePath = ("terms", kind, number)
            if end not in days:
                what = kinds.get(end, "outside the year").replace("_", " ")
                message = f"{end}, a {end:%A}, is no school day ({what})."
                remedy = f"End the term on a school day{_near(days, end)}."
                yield loaded.finding(path, message, remedy, code="term_end_not_school_day", on_date=end)
            if number and end <= ends[number - 1]:
                message = f"{end} is not after {ends[number - 1]}, where the term before ends."
                yield loaded.finding(path, message, "Put the ends in order.", code="term_order", on_date=end)


def _near(days: Days, day: date) -> str:
    """Name the last school day before a day, as a proposal."""
    before = days.between(date.min, day).days
    return f", such as {before[-1]}" if before else ""


def _count_findings(loaded: Year, year: YearFile, calendar: Calendar) -> Findings:
    """Published totals must come out of the calendar."""
    if year.expect is None or not loaded.is_whole(("closures",)):
        return
    days, kinds = calendar.days(), calendar.kinds()
    off_site = sum(kinds[day] == "off_site" for day in days.days)
    computed = {"on_site_days": len(days) - off_site, "off_site_days": off_site, "instructional_days": len(days)}
    for name, n_days in computed.items():
        declared = getattr(year.expect, name)
        if declared is not None and declared != n_days:
            message = f"{declared} declared, {n_days} computed."
            remedy = "Correct the number, or the closures."
            yield loaded.finding(("expect", name), message, remedy, code="count_mismatch")


def _evening_findings(loaded: Year, year: YearFile) -> Findings:
    first: dict[date, str] = {}
    for number, step in enumerate(year.budget):
        if step.on in first:
            message = f"'{step.id}' is on {step.on}, as '{first[step.on]}' is."
            remedy = "Fine if one evening holds both."
            yield loaded.finding(
                ("budget", number, "on"), message, remedy, severity="warning", code="same_evening", on_date=step.on
            )
        first.setdefault(step.on, step.id)


def _board_findings(loaded: Year, year: YearFile) -> Findings:
    """The board's dates rule; where the proposal gives others, both lists are told."""
    board = year.board_meetings
    if board is None or board.proposal is None:
        return
    path: TreePath = ("board_meetings", "proposal")
    proposed = _proposed(year, board.proposal)
    if proposed is None:
        message = f"'{board.proposal[:60]}' is no rule of a calendar."
        yield loaded.finding(path, message, "Write it as RRULE:FREQ=MONTHLY;BYDAY=2TU.", code="board_proposal")
        return
    only_dates = [day for day in board.dates if day not in proposed]
    only_rule = [day for day in proposed if day not in board.dates]
    lists = f"Board only: {_listed(only_dates)}; rule only: {_listed(only_rule)}."
    remedy = "The dates hold, not the rule: correct whichever is wrong."
    for day in only_dates:
        place: TreePath = ("board_meetings", "dates", board.dates.index(day))
        message = f"the board meets on {day}, which the rule does not give. {lists}"
        yield loaded.finding(place, message, remedy, severity="warning", code="board_date_not_in_rule", on_date=day)
    for day in only_rule:
        message = f"the rule gives {day}, on which the board does not meet. {lists}"
        yield loaded.finding(path, message, remedy, severity="warning", code="rule_date_not_in_board", on_date=day)


def _listed(days: list[date]) -> str:
    return ", ".join(str(day) for day in days) or "none"


def _proposed(year: YearFile, proposal: str) -> list[date] | None:
    """Return the dates that a proposal gives between the first and the last day of the year or of the board."""
    from dateutil.rrule import rrulestr  # most commands compare no board dates

    words = dict(part.partition("=")[::2] for part in proposal.removeprefix("RRULE:").split(";"))
    if words.get("FREQ") not in _SLOW or not {"BYHOUR", "BYMINUTE", "BYSECOND"}.isdisjoint(words):
        return None
    dates = year.board_meetings.dates if year.board_meetings else ()
    first = min([year.school_year.first_day, *dates])
    last = max([year.school_year.last_day, *dates])
    try:
        rule = rrulestr(proposal, dtstart=datetime.combine(first, datetime.min.time()))
        return [each.date() for each in rule.between(_midnight(first), _midnight(last), inc=True)]
    except (ValueError, TypeError):
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())


def _unconfirmed_findings(loaded: Year, year: YearFile) -> Findings:
    """Dates that were copied from the year before hold nothing until a person has confirmed them."""
    if not year.confirm:
        return
    message = f"{copied_text(year)}."
    remedy = "Compare each with the published calendar and take it out of confirm."
    yield loaded.finding(("confirm",), message, remedy, severity="warning", code="calendar_copied", at_key=True)
    for number, day in enumerate(year.confirm):
        message = f"{day} is not confirmed."
        remedy = "Confirm it: take it out of this list once somebody has looked."
        yield loaded.finding(
            ("confirm", number), message, remedy, severity="warning", code="unconfirmed_date", on_date=day
        )


def copied_text(year: YearFile) -> str:
    """Say how many dates were copied from the year before and are not confirmed."""
    before = year.school_year.id - 1
    n_dates = len(year.confirm)
    words = "1 date" if n_dates == 1 else f"{n_dates} dates"
    return f"{words} copied from {before - 1}-{before % 100:02d}, not confirmed"
