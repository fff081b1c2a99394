"""Say when each source is expected, and which expectation has been let down.

What arrived is told by the caller; matching names and contents to a source belongs to ``aimline/arrival``. Source:
schedule.md 9, collection.md 9.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from aimline._declared_files import Loaded
from aimline.errors import DeclaredFactError, Finding
from aimline.schedule.planner import obligation_dates
from aimline.schedule.rules import Place, Resolver, resolvers, rule_text
from aimline.schedule.school_days import Days, every_day
from schemas._base import WEEKDAYS
from schemas.sources import Expected, Source, SourcesFile
from schemas.years import YearFile

_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Arrival:
    """One expected delivery.

    Attributes:
        expected_on: The day it is expected.
        source_id: The source.
        school_year: The year it belongs to.
        due_at: The instant it should be there, UTC.
        late_at: The instant from which it is late: its owner's grace is over, UTC.
        through_on: The last day its rows should reach; None where the source does not say.
        window_id: The window it is expected for.
        rule: How the day was found.
    """

    expected_on: date
    source_id: str
    school_year: int
    due_at: datetime
    late_at: datetime
    through_on: date | None
    window_id: str | None
    rule: str


def expected_arrivals(
    years: Sequence[Loaded[YearFile]], sources: Loaded[SourcesFile]
) -> tuple[tuple[Arrival, ...], list[Finding]]:
    """Return every expected delivery of all years by day, and what is wrong with the rules that give the days.

    Of two expectations of a source on one day, the first that is declared stands.
    """
    found: dict[tuple[str, date], Arrival] = {}
    findings: list[Finding] = []
    for resolver in resolvers(years, obligation_dates):
        for source, expected, place in _expectations(sources):
            for arrival in _arrivals(resolver, source, expected, place):
                found.setdefault((source.source_id, arrival.expected_on), arrival)
        findings += [each for each in resolver.findings if each.file == sources.tree.file]
    return tuple(sorted(found.values())), findings


def arrival_findings(years: Sequence[Loaded[YearFile]], sources: Loaded[SourcesFile]) -> list[Finding]:
    """Return what is wrong with the rules that say when sources are expected, without working out every delivery."""
    findings: list[Finding] = []
    for resolver in resolvers(years, obligation_dates):
        for _, expected, place in _expectations(sources):
            if expected.once:
                resolver.rule(expected.once, place)
        findings += [each for each in resolver.findings if each.file == sources.tree.file]
    return findings


def _expectations(sources: Loaded[SourcesFile]) -> Iterator[tuple[Source, Expected, Place]]:
    """Yield every expectation of every source with the place of its rule."""
    for number, source in enumerate(sources.shape.sources if sources.shape else ()):
        for position, expected in enumerate(source.arrival.expected if source.arrival else ()):
            yield source, expected, Place(sources, ("sources", number, "arrival", "expected", position, "once"))


def _arrivals(resolver: Resolver, source: Source, expected: Expected, place: Place) -> Iterator[Arrival]:
    """Yield the deliveries of one expectation in one year."""
    grace = source.arrival.grace.school_days if source.arrival else 0
    school = resolver.lists.school
    begins = resolver.own_days.nth(1)
    for day in _days(resolver, expected, place):
        if expected.through == "previous_school_day" and day <= begins:
            continue  # no day of this year is over yet
        late_on = resolver.lists.shift(day, grace) if grace else day
        yield Arrival(
            expected_on=day,
            source_id=source.source_id,
            school_year=resolver.year.school_year.id,
            due_at=_instant(day, expected.by, resolver.year.time_zone),
            late_at=_instant(late_on, expected.by, resolver.year.time_zone),
            through_on=school.prev_on_or_before(day - _DAY) if expected.through == "previous_school_day" else None,
            window_id=expected.window,
            rule=rule_text(expected.once) if expected.once else f"every({expected.every})",
        )


def _days(resolver: Resolver, expected: Expected, place: Place) -> Iterable[date]:
    """Return the days of one expectation; a weekday without school moves to the next school day."""
    if expected.once:
        day = resolver.rule(expected.once, place)
        is_written = expected.once.on is not None
        return [] if day is None or (is_written and not _is_of_year(resolver, day)) else [day]
    first, last = resolver.year.school_year.first_day, resolver.year.school_year.last_day
    if expected.window:
        opens, closes = (resolver.reference(f"{expected.window}.{moment}") for moment in ("opens", "closes"))
        if opens is None or closes is None:
            return []
        first, last = opens + _DAY, closes
    if expected.every == "school_day":
        return resolver.lists.school.between(first, last).days
    wanted = [day for day in every_day(first, last) if WEEKDAYS[day.weekday()] == expected.every]
    moved = {_next(resolver.lists.school, day) for day in wanted}
    return sorted(day for day in moved if day is not None and day <= last)


def _is_of_year(resolver: Resolver, day: date) -> bool:
    """Say whether a written day belongs to a year: from the day after the last year's end to its own."""
    ends = [other for other in resolver.lists.school.days if other < resolver.year.school_year.first_day]
    begins = ends[-1] if ends else date.min
    return begins < day <= resolver.year.school_year.last_day


def _next(days: Days, day: date) -> date | None:
    try:
        return days.next_on_or_after(day)
    except DeclaredFactError:
        return None


@lru_cache(maxsize=8192)
def _instant(day: date, by: str, zone: str) -> datetime:
    return datetime.combine(day, time.fromisoformat(by), ZoneInfo(zone)).astimezone(UTC)


def late_arrivals(
    arrivals: Iterable[Arrival], received_at: Mapping[str, Sequence[datetime]], now: datetime
) -> list[Arrival]:
    """Return the expectations that are late now: their grace is over and nothing came since the one before was due.

    Args:
        arrivals: What is expected.
        received_at: When deliveries of each source were received, UTC, in any order.
        now: The instant of the run, UTC.
    """
    found = []
    by_source: dict[str, list[Arrival]] = {}
    for arrival in sorted(arrivals):
        by_source.setdefault(arrival.source_id, []).append(arrival)
    begin = datetime.min.replace(tzinfo=UTC)
    for source_id, expected in by_source.items():
        came = [at for at in received_at.get(source_id, ()) if at <= now]
        dues = [begin, *(each.due_at for each in expected)]
        for (since, _), arrival in zip(pairwise(dues), expected, strict=True):
            if arrival.late_at <= now and not any(at > since for at in came):
                found.append(arrival)
    return sorted(found)
