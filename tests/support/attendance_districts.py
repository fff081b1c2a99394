"""Random small districts in one: rows to land, and what a plain loop over them says of every student and day.

Forty districts share a build, each with schools and a calendar of its own, so that one build tries forty cases. The
loop shares no code with the SQL; judging a student and adding up is ``oracle_attendance``.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from schemas.profiles import Profile
from tests.support.oracle_attendance import DAY, MemberDay
from tests.support.small_world import FEDERAL, World, weekdays

Row = dict[str, Any]

ABSENCES = ("excused", "unexcused", "suspended_out", "suspended_in", "independent_not_counted")
COUNTED: set[str] = {"excused", "unexcused", "suspended_out", "independent_not_counted"}
PRESENCES = ("present", "tardy", "school_activity")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri")
YEAR = 2027
NOT_YET = 5
GRADES = ("3", "4")
GROUPS = {"Y": ("el", 1), "N": ("not_el", 2)}
SETS = ("ever_in_year", "latest", "on_day")


@dataclass
class Districts:
    """The rows of all districts, as lists that a test may change before it lands them again.

    Attributes:
        shares_days: Whether memberships that overlap share the day, while they are no more than one.
        drops_no_shows: Whether a membership begins with the first day present.
        ahead: School days that are still to come.
    """

    days: list[date]
    shares_days: bool = False
    drops_no_shows: bool = False
    calendar: dict[tuple[str, date], str] = field(default_factory=dict)
    enrollment: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    sent: list[Row] = field(default_factory=list)
    attributes: list[Row] = field(default_factory=list)
    ahead: list[date] = field(default_factory=list)

    @property
    def schools(self) -> list[str]:
        """Return the ids of all schools."""
        return sorted({row["school_id"] for row in self.sent})

    @property
    def terms(self) -> list[tuple[str, date, date]]:
        """Return the terms with their first and last day."""
        middle = len(self.days) // 2
        spans = ((self.days[0], self.days[middle]), (self.days[middle + 1], self.days[-3]))
        return [(f"{YEAR}_quarter_{number}", *span) for number, span in enumerate(spans, 1)]

    def land(self, world: World) -> None:
        """Land everything."""
        self.declare(world)
        world.land("schools", [_school(school_id) for school_id in self.schools])
        self.land_calendar(world)
        self.land_enrollment(world)
        world.land("attendance_events", self.events)
        world.land("attendance_submissions", self.sent)
        world.land("student_attributes", self.attributes)

    def declare(self, world: World, profiles: Sequence[Profile] = (FEDERAL,)) -> None:
        """Land how attendance is read."""
        overlap = "share" if self.shares_days else "primary_then_latest"
        no_show = "drop_until_first_present" if self.drops_no_shows else "keep"
        row = {"attribute": "english_learner", "unmapped": "fail"}
        groups = [
            row
            | {
                "group_set_id": name,
                "member_on": name,
                "value": value,
                "group_id": group,
                "label_en": group,
                "group_no": number,
            }
            for name in SETS
            for value, (group, number) in GROUPS.items()
        ]
        world.declare(overlap=overlap, no_show=no_show, profiles=profiles, groups=groups)
        ends = [{"term_kind": "quarter", "term_no": n, "ends_on": last} for n, (*_, last) in enumerate(self.terms, 1)]
        world.land("declared_terms", [{"school_year": YEAR, **row} for row in ends])

    def land_calendar(self, world: World) -> None:
        """Land the calendars."""
        told = [
            {"calendar_id": name, "on_date": day, "day_kind": kind, "is_instructional": kind != "no_school"}
            for (name, day), kind in self.calendar.items()
        ]
        world.land("calendar_days", told)

    def land_enrollment(self, world: World) -> None:
        """Land the memberships."""
        world.land("enrollment", self.enrollment)

    def land_marks(self, world: World, days: Iterable[date]) -> None:
        """Land the marks of some days again; a day without any is emptied."""
        wanted = set(days)
        rows = [row for row in self.events if row["on_date"] in wanted]
        if rows:
            world.land("attendance_events", rows)
        if empty := sorted({day.isoformat() for day in wanted - {row["on_date"] for row in rows}}):
            world.empty("attendance_events", empty)


def _school(school_id: str) -> Row:
    opened = date(2020, 1, 1)
    row = {"school_id": school_id, "valid_from": opened, "name": school_id, "kind": "regular"}
    return row | {"level": "elementary", "opens_on": opened}


def make_districts(seed: int, count: int, n_days: int = 32) -> Districts:
    """Draw districts of two or three schools and a handful of students each."""
    rng = Random(seed)  # noqa: S311 - a test's dice
    made = Districts(weekdays(date(2026, 9, 21), n_days))
    for number in range(count):
        _add_district(made, rng, f"d{number:02d}")
    return made


def _add_district(made: Districts, rng: Random, name: str) -> None:
    for day in made.days:
        made.calendar[name, day] = rng.choices(("regular", "half", "no_school"), (88, 6, 6))[0]
    schools = [f"{name}{letter}" for letter in "abc"[: rng.choice((2, 3))]]
    for number in range(rng.randint(4, 7)):
        made.enrollment += _spans(made, rng, (name, f"{name}-s{number}", schools))
        made.attributes += _attributes(made, rng, f"{name}-s{number}")
    for school in schools:
        made.sent += _sent(made, rng, school)
    made.events += _events(made, rng, name)


def _spans(made: Districts, rng: Random, who: tuple[str, str, list[str]]) -> Iterator[Row]:
    """Yield the memberships of one student: one, or several that follow each other or overlap."""
    calendar, student, schools = who
    for number in range(rng.choices((1, 2, 3), (6, 3, 1))[0]):
        first = rng.randrange(len(made.days)) if rng.random() < 0.4 else 0
        last = rng.choice((None, None, rng.randrange(first, len(made.days))))
        part = rng.choices(("whole", "fte", "week"), (5, 4, 1))[0]
        yield {
            "student_key": student,
            "school_id": rng.choice(schools),
            "enrollment_id": f"e{number}",
            "calendar_id": calendar,
            "grade": rng.choice(GRADES),
            "entered_on": made.days[first],
            "exited_on": None if last is None else made.days[last],
            "is_primary": rng.choice((True, True, False, None)),
            "fte": rng.choice(("0.5", "0.333")) if part == "fte" else "1",
            "attends_weekdays": "mon,tue,thu" if part == "week" else None,
            "school_year": YEAR,
        }


def _attributes(made: Districts, rng: Random, student: str) -> Iterator[Row]:
    """Yield what is told of a student: nothing, one thing, or a change; some of it ends."""
    since = [date(2025, 9, 1), *sorted(rng.sample(made.days, 2))]
    for first in since[: rng.choices((0, 1, 2, 3), (1, 4, 3, 1))[0]]:
        until = rng.choice(made.days) if rng.random() < 0.1 else None
        row = {"student_key": student, "attribute": "english_learner", "value": rng.choice("YN")}
        yield row | {"valid_from": first, "valid_to": until if until and until >= first else None}


def _sent(made: Districts, rng: Random, school: str) -> Iterator[Row]:
    """Yield whether attendance was sent, by grade or homeroom; some never came."""
    stops = rng.choice((len(made.days), len(made.days), len(made.days) - rng.randint(1, 9)))
    for day in made.days[:stops]:
        for grade in GRADES:
            if rng.random() < 0.03:
                continue
            for room in range(rng.choice((1, 2))):
                taken = rng.random() > 0.03
                row = {"school_id": school, "on_date": day, "homeroom_id": f"{grade}{room}", "grade": grade}
                yield row | {"is_submitted": taken}


def _events(made: Districts, rng: Random, name: str) -> Iterator[Row]:
    """Yield marks; some lie outside the membership or have several sections."""
    mine = [row for row in made.enrollment if row["calendar_id"] == name]
    places = sorted({(row["student_key"], row["school_id"]) for row in mine})
    for student, school in places:
        often = rng.choice((0.02, 0.1, 0.2))
        for day in made.days:
            if rng.random() < often:
                yield from _marks_of_a_day(rng, {"student_key": student, "school_id": school, "on_date": day})


def _marks_of_a_day(rng: Random, row: Row) -> Iterator[Row]:
    for section in range(rng.choice((1, 1, 1, 2))):
        yield row | {"section_id": f"{section}", "category": rng.choice(ABSENCES + PRESENCES)} | amount(rng)


def amount(rng: Random) -> Row:
    """Draw how much was missed: a share, periods or minutes."""
    kind = rng.choice(("share", "whole", "periods", "minutes"))
    if kind == "whole":
        return {"absence_fraction": "1"}
    if kind == "share":
        return {"absence_fraction": rng.choice(("0.5", "0.33333", "0.25", "0.49999"))}
    if kind == "periods":
        return {"periods_absent": rng.randint(1, 7), "periods_scheduled": 7}
    return {"minutes_absent": rng.randint(1, 390), "minutes_scheduled": 390}


# ---- what a plain loop says


def _half_up(numerator: int, denominator: int) -> int:
    return (2 * numerator + denominator) // (2 * denominator)


def _parts(row: Mapping[str, Any]) -> int:
    if row.get("absence_fraction") is not None:
        whole, _, rest = row["absence_fraction"].partition(".")
        return _half_up(DAY * int(whole + rest.ljust(5, "0")), 100_000)
    if row.get("periods_scheduled"):
        return _half_up(DAY * row["periods_absent"], row["periods_scheduled"])
    return _half_up(DAY * row["minutes_absent"], row["minutes_scheduled"])


_Row = tuple[Any, Row, int, str]
_Missed = Mapping[tuple[str, str, date], Mapping[str, int]]


def _missed(made: Districts) -> dict[tuple[str, str, date], dict[str, int]]:
    found: dict[tuple[str, str, date], dict[str, int]] = defaultdict(lambda: dict.fromkeys(ABSENCES, 0))
    for row in made.events:
        mine = found[row["student_key"], row["school_id"], row["on_date"]]
        if row["category"] in ABSENCES:
            mine[row["category"]] += _parts(row)
    return found


def _states(made: Districts) -> dict[tuple[str, str, date], str]:
    """Return for school, grade and day: sent, missing, or still to come."""
    rooms: dict[tuple[str, str, date], list[bool]] = defaultdict(list)
    last: dict[str, date] = {}
    open_days = {day for (_, day), kind in made.calendar.items() if kind != "no_school" and day in set(made.days)}
    mine = {row["school_id"]: row["calendar_id"] for row in made.enrollment}
    scopes = {(row["school_id"], row["grade"]) for row in made.enrollment}
    for row in made.sent:
        key = (row["school_id"], row["grade"], row["on_date"])
        rooms[key].append(row["is_submitted"])
        is_member_day = made.calendar.get((mine.get(row["school_id"], ""), row["on_date"])) != "no_school"
        if row["is_submitted"] and is_member_day and (row["school_id"], row["grade"]) in scopes:
            last[row["school_id"]] = max(last.get(row["school_id"], row["on_date"]), row["on_date"])
    youngest = sorted(open_days)[-NOT_YET:]
    states = {}
    for school, grade in scopes:
        for day in made.days:
            held = rooms.get((school, grade, day), [])
            if held and all(held):
                states[school, grade, day] = "sent"
            else:
                is_young = day > last.get(school, date.min) and day in youngest
                states[school, grade, day] = "not_yet" if is_young else "missing"
    return states


def _weight(kind: str) -> int:
    return {"regular": DAY, "half": DAY // 2}.get(kind, 0)


def _days_of(
    made: Districts, span: Row, states: Mapping[tuple[str, str, date], str]
) -> Iterator[tuple[date, int, str]]:
    """Yield the school days of one membership with their weight and state."""
    thousandths = _half_up(round(float(span["fte"]) * 1000), 1)
    for day in (*made.days, *made.ahead):
        parts = _weight(made.calendar[span["calendar_id"], day])
        if span["attends_weekdays"]:
            is_there = WEEKDAYS[day.weekday()] in span["attends_weekdays"].split(",")
        else:
            is_there, parts = True, _half_up(parts * thousandths, 1000)
        inside = span["entered_on"] <= day and (span["exited_on"] is None or day < span["exited_on"])
        if inside and is_there and _weight(made.calendar[span["calendar_id"], day]):
            yield day, parts, states.get((span["school_id"], span["grade"], day), "ahead")


def member_days(made: Districts, counted: set[str] = COUNTED, *, is_open: bool = False) -> list[MemberDay]:
    """Return the member days of everyone; those whose attendance may still come are there only with ``is_open``."""
    states, missed = _states(made), _missed(made)
    rows: dict[tuple[str, date], list[_Row]] = defaultdict(list)
    for span in made.enrollment:
        rank = (not span["is_primary"], -span["entered_on"].toordinal(), span["enrollment_id"], span["school_id"])
        days = list(_days_of(made, span, states))
        for day, parts, state in _begun(span, days, missed) if made.drops_no_shows else days:
            rows[span["student_key"], day].append((rank, span, parts, state))
    found = []
    for (student, day), mine in rows.items():
        for school, parts, state, is_owner in _places(made, sorted(mine, key=lambda each: each[0])):
            if is_open or state not in {"not_yet", "ahead"}:
                cut = _cut(missed.get((student, school, day), {}), parts, counted) if state == "sent" else None
                found.append(MemberDay(student, school, day, parts, cut, is_owner=is_owner))
    return found


def _begun(span: Row, days: list[tuple[date, int, str]], missed: _Missed) -> list[tuple[date, int, str]]:
    """Leave out the days before the first on which the student was there."""
    for number, (day, parts, state) in enumerate(days):
        gone = sum(missed.get((span["student_key"], span["school_id"], day), {}).values())
        if state == "sent" and gone < parts:
            return days[number:]
    return []


def begins(made: Districts) -> list[date | None]:
    """Return of each membership the day it begins; None where it never does."""
    if not made.drops_no_shows:
        return [span["entered_on"] for span in made.enrollment]
    states, missed = _states(made), _missed(made)
    begun = [_begun(span, list(_days_of(made, span, states)), missed) for span in made.enrollment]
    return [days[0][0] if days else None for days in begun]


def _places(made: Districts, mine: list[_Row]) -> Iterator[tuple[str, int, str, bool]]:
    """Yield of a student's day each school, its parts, its state and whether it is the district's, too."""
    is_shared = made.shares_days and sum(parts for _, _, parts, _ in mine) <= DAY
    for number, (_, span, parts, state) in enumerate(mine):
        school = span["school_id"]
        if school not in {other["school_id"] for _, other, _, _ in mine[:number]}:
            all_parts = sum(each for _, other, each, _ in mine if other["school_id"] == school)
            yield school, all_parts if is_shared else parts, state, is_shared or number == 0


def _cut(mine: Mapping[str, int], parts: int, kinds: set[str]) -> int:
    """Add up what counts, each category cut so that it and those before it fit the day."""
    left, counted = parts, 0
    for category in ABSENCES:
        taken = min(mine.get(category, 0), left)
        left -= taken
        counted += taken if category in kinds else 0
    return counted


def group_of(made: Districts, student: str, set_id: str, on: date) -> str:
    """Return the group of one set that a student counts in, in a period that ends on a day."""
    rows = sorted((row for row in made.attributes if row["student_key"] == student), key=lambda row: row["valid_from"])
    ends = [min(row["valid_to"] or date.max, *_next(rows, number)) for number, row in enumerate(rows)]
    told = [
        (row["valid_from"], end, GROUPS[row["value"]])
        for row, end in zip(rows, ends, strict=True)
        if end >= made.days[0]
    ]
    if set_id == "on_day":
        told = [each for each in told if each[0] <= on <= each[1]]
    if not told:
        return "not_recorded"
    return min(each[2][1::-1] for each in told)[1] if set_id == "ever_in_year" else max(told)[2][0]


def _next(rows: list[Row], number: int) -> list[date]:
    return [row["valid_from"] - timedelta(days=1) for row in rows[number + 1 : number + 2]] or [date.max]


def periods(made: Districts, found: list[MemberDay]) -> dict[tuple[str, str], list[MemberDay]]:
    """Return the member days of every period that is over."""
    states = _states(made)
    calendar = {row["school_id"]: row["calendar_id"] for row in made.enrollment}
    is_open = {place: kind != "no_school" for place, kind in made.calendar.items()}
    seen = [day for (school, _, day), state in states.items() if state != "not_yet" and is_open[calendar[school], day]]
    days = sorted({day for (_, day), kind in made.calendar.items() if kind != "no_school"})
    weeks = {day: day - timedelta(days=day.weekday()) for day in days}
    ends = {week: max(day for day in days if weeks[day] == week) for week in weeks.values()}
    names = [("week", f"{day:%G-W%V}", lambda d, w=weeks[day]: weeks[d] == w) for day in days]
    names += [("day", f"{day}", lambda d, on=day: d == on) for day in days]
    names += [("month", f"{day:%Y-%m}", lambda d, m=day.month: d.month == m) for day in days]
    names += [("year_to_date", end.isoformat(), lambda d, e=end: d <= e) for end in ends.values()]
    names.append(("year", "2027", lambda _: True))
    made_periods = {}
    for kind, period_id, holds in names:
        if max(day for day in days if holds(day)) <= max(seen):
            made_periods[kind, period_id] = [row for row in found if holds(row.on)]
    return made_periods


def last_day(made: Districts, kind: str, period_id: str) -> date:
    """Return the last school day of a period."""
    days = sorted({day for (_, day), told in made.calendar.items() if told != "no_school"})
    names = {"week": "%G-W%V", "month": "%Y-%m"}
    if kind in names:
        return max(day for day in days if f"{day:{names[kind]}}" == period_id)
    return date.fromisoformat(period_id) if kind in {"day", "year_to_date"} else days[-1]
