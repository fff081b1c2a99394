"""Attendance in SQL equals a plain loop: on forty random districts, after random corrections, and built anew."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from tests.support import attendance_districts as plain
from tests.support.attendance_districts import Districts, make_districts
from tests.support.oracle_attendance import DAY, Chronic, Ratio, attendance_rate, chronic_absence
from tests.support.small_world import DISTRICT, World, weekdays

TABLES = {
    "fct_member_days": "student_key, school_id, on_date",
    "int_attendance__findings": "rule, school_id, on_date",
    "int_attendance__student_pieces": "stay_no, is_owner, is_beside, piece_id, pair_no",
    "msr_attendance_rate": "period_kind, period_id, unit_type, unit_id, group_set_id, group_id",
    "msr_attendance_rate_daily": "period_id, unit_type, unit_id, group_set_id, group_id",
    "msr_recoverable_share": "profile_id, period_id, unit_type, unit_id, group_set_id, group_id",
    "msr_chronic_absence": "period_kind, period_id, unit_type, unit_id, group_set_id, group_id, profile_id",
    "msr_average_daily_membership": "period_kind, period_id, unit_type, unit_id, group_set_id, group_id",
    "msr_absence_tier": "period_kind, period_id, unit_type, unit_id, group_set_id, group_id, subject_id",
    "msr_submission_completeness": "period_kind, period_id, unit_type, unit_id",
    "int_calendar__instructional_days": "school_id, calendar_id, grade, on_date",
    "int_attendance__submission": "school_id, grade, on_date",
}
DAYS = weekdays(date(2026, 9, 21), 32)
SPRING = weekdays(date(2026, 3, 2), 8)
RATES = "select * from msr_attendance_rate where group_id = 'all'"
CHRONIC = "select * from msr_chronic_absence where group_id = 'all'"
RATE = "(from msr_attendance_rate union all by name from msr_attendance_rate_daily)"
GROUPED = "from {} where group_id <> 'all' and period_kind in ('day', 'week', 'month', 'year_to_date')"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An empty state root."""
    made = World(tmp_path / "state", today=date(2026, 11, 20))
    yield made
    made.close()


def expected_rates(made: Districts) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return parts attended and measured by period and unit; those measured too little left out."""
    expected = {}
    for period, rows in plain.periods(made, plain.member_days(made)).items():
        if period[0] == "day":
            continue
        schools, district = attendance_rate(rows)
        for unit, ratio in {**schools, DISTRICT: district}.items():
            mine = [row for row in rows if unit in (row.school, DISTRICT) and (unit != DISTRICT or row.is_owner)]
            if 20 * ratio.denominator >= 19 * sum(row.parts for row in mine):
                expected[(*period, unit)] = (ratio.numerator, ratio.denominator)
    return expected


def expected_chronic(made: Districts) -> dict[tuple[str, ...], Chronic]:
    """Return chronic absence by year (to date) and unit, units without anybody eligible left out."""
    expected = {}
    for period, rows in plain.periods(made, plain.member_days(made)).items():
        if period[0] in {"year_to_date", "year"}:
            schools, district = chronic_absence(rows)
            for unit, chronic in {**schools, DISTRICT: district}.items():
                if chronic.judged + chronic.unmeasured:
                    expected[(*period, unit)] = chronic
    return expected


def assert_equals_loop(world: World, made: Districts) -> None:
    """Compare every figure of attendance with the plain loop."""
    rates = {
        (row["period_kind"], row["period_id"], row["unit_id"]): (int(row["numerator"]), int(row["denominator"]))
        for row in world.rows(RATES)
        if row["quality_state"] == "ok"
    }
    rates = {place: ratio for place, ratio in rates.items() if place[0] != "term"}
    assert rates == expected_rates(made)
    chronic = {
        (row["period_kind"], row["period_id"], row["unit_id"]): Chronic(
            int(row["numerator"]), int(row["denominator"]), row["n_unmeasured"]
        )
        for row in world.rows(CHRONIC)
    }
    assert chronic == expected_chronic(made)


def assert_groups_equal_loop(world: World, made: Districts) -> None:
    """Compare attendance and chronic absence of every group with the plain loop."""
    rates, chronic = {}, {}
    students = {row["student_key"] for row in made.enrollment}
    for (kind, period_id), rows in plain.periods(made, plain.member_days(made)).items():
        end = plain.last_day(made, kind, period_id)
        for set_id in plain.SETS if kind != "year" else ():
            groups = {student: plain.group_of(made, student, set_id, end) for student in students}
            for group in ("el", "not_el", "not_recorded"):
                mine = [row for row in rows if groups[row.student] == group]
                schools, district = attendance_rate(mine)
                found = {**schools, DISTRICT: district}
                rates |= {(kind, period_id, unit, set_id, group): r for unit, r in found.items() if r.denominator}
                if kind == "year_to_date":
                    judged, all_of_it = chronic_absence(mine)
                    units = {**judged, DISTRICT: all_of_it}.items()
                    places = {unit: c for unit, c in units if c.judged + c.unmeasured}
                    chronic |= {(kind, period_id, unit, set_id, group): c for unit, c in places.items()}
    keys = ("period_kind", "period_id", "unit_id", "group_set_id", "group_id")
    told = {tuple(row[key] for key in keys): row for row in world.rows(GROUPED.format(RATE))}
    held = {
        key: Ratio(int(row["numerator"]), int(row["denominator"])) for key, row in told.items() if row["denominator"]
    }
    assert held == rates
    told = {tuple(row[key] for key in keys): row for row in world.rows(GROUPED.format("msr_chronic_absence"))}
    counts = {
        key: Chronic(int(row["numerator"]), int(row["denominator"]), row["n_unmeasured"]) for key, row in told.items()
    }
    assert counts == chronic


def assert_days_and_terms_equal_loop(world: World, made: Districts) -> None:
    """Compare single days and terms with the plain loop."""
    rows, wanted = plain.member_days(made), {}
    seen = max(date.fromisoformat(day) for kind, day in plain.periods(made, rows) if kind == "day")
    terms = {("term", name): (first, last) for name, first, last in made.terms if last <= seen}
    days = {("day", f"{day}"): (day, day) for day in made.days if day <= seen}
    for period, (first, last) in {**terms, **days}.items():
        schools, district = attendance_rate(row for row in rows if first <= row.on <= last)
        found = {**schools, DISTRICT: district}
        wanted |= {(*period, unit): ratio for unit, ratio in found.items() if ratio.denominator}
    told = world.rows(
        "from fct_measures where measure_id = 'attendance_rate' and period_kind in ('day', 'term') "
        "and group_id = 'all' and denominator > 0"
    )
    keys = ("period_kind", "period_id", "unit_id")
    assert {tuple(r[k] for k in keys): Ratio(int(r["numerator"]), int(r["denominator"])) for r in told} == wanted


def assert_days_are_counted(world: World, made: Districts) -> None:
    """Compare, for every school, the days that daily averages divide by, and the tiers' sum, with the plain rows."""
    calendars = {row["school_id"]: row["calendar_id"] for row in made.enrollment}
    rows = world.rows("from msr_average_daily_attendance where unit_type = 'school' and group_id = 'all'")
    for row in rows:
        span = (day for day in made.days if row["period_starts_on"] <= day <= row["period_ends_on"])
        n_days = sum(made.calendar[calendars[row["unit_id"]], day] != "no_school" for day in span)
        assert (row["n_observations"], int(row["denominator"])) == (n_days, n_days * DAY)
    assert rows
    broken = "from msr_absence_tier group by all having sum(numerator) <> any_value(denominator)"
    keys = "school_year, period_kind, period_id, unit_type, unit_id, group_set_id, group_id"
    assert world.rows(f"select {keys} {broken}") == []


def change(made: Districts, rng: Random, world: World) -> set[date]:
    """Correct marks of two days, end a membership, close a day of a district; land what changed."""
    days = set(rng.sample(made.days[:-6], 2))
    for row in made.events:
        if row["on_date"] in days and row["category"] != "present":
            row["category"] = "unexcused" if row["category"] == "excused" else "excused"
    made.land_marks(world, days)
    rng.choice(made.enrollment)["exited_on"] = rng.choice(made.days)
    made.land_enrollment(world)
    made.calendar[rng.choice(sorted(made.calendar))] = "no_school"
    made.land_calendar(world)
    told = rng.choice(made.attributes)
    told["value"] = "N" if told["value"] == "Y" else "Y"
    world.land("student_attributes", made.attributes)
    return days


def test_attendance_equals_a_plain_loop(world: World) -> None:
    """Forty districts, corrected at random; days shared, no-shows dropped: all as in the loop, and in a new build."""
    made, rng = make_districts(7, 40), Random(7)  # noqa: S311 - a test's dice
    made.land(world)
    world.build()
    assert_equals_loop(world, made)
    for _ in range(2):
        change(made, rng, world)
        world.today += timedelta(days=1)
        report = world.build()
        assert_equals_loop(world, made)
        assert 0 < report.n_touched_days < len(made.days)
    assert_days_are_counted(world, made)
    made.shares_days = made.drops_no_shows = True
    made.declare(world)
    world.build()
    assert_equals_loop(world, made)
    assert_groups_equal_loop(world, made)
    assert_days_and_terms_equal_loop(world, made)
    change(made, rng, world)
    world.build()
    assert_equals_loop(world, made)
    held = {name: world.rows(f"from {name} order by {order}") for name, order in TABLES.items()}
    world.build(full=True)
    for name, order in TABLES.items():
        assert world.rows(f"from {name} order by {order}") == held[name], name


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One school of three students, built; tests add to it, each something else."""
    made = World(tmp_path_factory.mktemp("school"), today=date(2026, 11, 20))
    _plain_school(made, DAYS)
    made.build()
    yield made
    made.close()


def test_late_correction_changes_its_days_alone(school: World) -> None:
    """A corrected old day touches that day; the same night again finds nothing new; other days keep their bytes."""
    world = school
    late, others = DAYS[4], "select * from fct_member_days where on_date <> $on order by student_key, on_date"
    world.build()
    before = list(world.rows(others.replace("$on", f"date '{late}'")))
    world.land("attendance_events", [_mark(late, "excused")])
    assert world.build().n_touched_days == 1
    assert world.rows(others.replace("$on", f"date '{late}'")) == before
    changed = world.rows(f"from fct_member_days where on_date = date '{late}' and excused_parts > 0")
    assert [(row["student_key"], row["excused_parts"]) for row in changed] == [("s1", DAY)]
    assert world.build().state == "unchanged"


def test_a_year_without_registers_is_read_from_its_marks(school: World) -> None:
    """Where no delivery says what was sent, few students without a mark were there: one day missed of 24."""
    rows = school.rows("from msr_attendance_rate where period_id = '2026' and unit_type = 'school'")
    told = {(int(row["numerator"]), int(row["denominator"]), row["quality_state"]) for row in rows}
    assert told == {(23 * DAY, 24 * DAY, "ok")}


def _mark(day: date, category: str) -> dict[str, Any]:
    row = {"student_key": "s1", "school_id": "0101", "on_date": day}
    return row | {"category": category, "absence_fraction": "1"}


def _plain_school(world: World, days: list[date], sent: dict[date, list[bool]] | None = None) -> None:
    """Land a school of three students, of whom one missed days; what its homerooms sent, else one that always did."""
    world.declare()
    world.calendar(SPRING + days)
    world.land("schools", [plain._school("0101")])
    spans = [
        {"student_key": f"s{n}", "school_id": "0101", "grade": "4", "entered_on": first, "school_year": year}
        for year, first in ((2026, SPRING[0]), (2027, days[0]))
        for n in range(3)
    ]
    world.land("enrollment", [row | {"is_primary": True} for row in spans])
    world.land("attendance_events", [_mark(day, "unexcused") for day in (SPRING[0], *days[:6])])
    _sent(world, {day: [True] for day in days} if sent is None else sent)


def test_changed_group_remakes_the_figures_of_its_year(school: World) -> None:
    """A student who turns out to be an English learner moves between the groups of every period of the year."""
    world = school
    sets = {"group_set_id": "el", "attribute": "english_learner", "member_on": "ever_in_year", "unmapped": "fail"}
    rows = [sets | {"value": v, "group_id": g, "label_en": g, "group_no": n} for n, (v, g) in enumerate([("Y", "el")])]
    world.declare(groups=rows)
    world.build()
    people = "select distinct n_people from msr_attendance_rate where group_id = '{}' and unit_type = 'school'"
    people += " and school_year = 2027"
    assert (world.rows(people.format("el")), world.rows(people.format("not_recorded"))) == ([], [{"n_people": 3}])
    told = {"student_key": "s1", "attribute": "english_learner", "value": "Y", "valid_from": date(2026, 9, 21)}
    world.land("student_attributes", [told])
    world.build()
    assert world.rows(people.format("el")) == [{"n_people": 1}]
    assert world.rows(people.format("not_recorded")) == [{"n_people": 2}]


def test_a_week_whose_last_day_becomes_a_holiday_leaves_nothing_behind(world: World) -> None:
    """What was told of the year to that Friday is gone, and its week is summed without it, as in a build at once."""
    _plain_school(world, DAYS)
    world.build()
    friday = DAYS[9]
    told = f"from {{}} where period_id = '{friday}'"
    assert world.rows(told.format("msr_attendance_rate"))
    world.calendar([day for day in (*SPRING, *DAYS) if day != friday])
    world.build()
    held = {name: world.rows(f"from {name} order by {order}") for name, order in TABLES.items()}
    world.build(full=True)
    for name, order in TABLES.items():
        assert world.rows(f"from {name} order by {order}") == held[name], name


def _sent(world: World, days: dict[date, list[bool]]) -> None:
    """Land what the homerooms of the school sent on some days."""
    row = {"school_id": "0101", "grade": "4"}
    told = [(day, n, is_sent) for day, rooms in days.items() for n, is_sent in enumerate(rooms)]
    rows = [row | {"on_date": day, "homeroom_id": str(n), "is_submitted": is_sent} for day, n, is_sent in told]
    world.land("attendance_submissions", rows)


def _states(world: World, *days: date) -> list[tuple[str, int, int]]:
    """Return state, sent and expected rooms of some days, as they were built."""
    listed = ", ".join(f"date '{day}'" for day in days)
    rows = world.rows(f"from int_attendance__submission where on_date in ({listed}) order by on_date")
    return [(row["submission_state"], row["n_sent"], row["n_expected"]) for row in rows]


def test_what_was_sent_is_told_anew_where_something_says_so_and_nowhere_else(world: World) -> None:
    """A late register, a school that grows, a day that is given up, a silent year that speaks: as in one build."""
    nothing, late, first, awaited, last = DAYS[3], DAYS[8], DAYS[19], DAYS[20], DAYS[23]
    world.today = first
    _plain_school(world, DAYS, {day: [day != late] for day in DAYS[:20] if day != nothing})
    world.build()
    assert _states(world, nothing, late, first) == [
        ("not_submitted", 0, 1),
        ("not_submitted", 0, 1),
        ("submitted", 1, 1),
    ]
    world.today = awaited
    _sent(world, {late: [True]})
    assert world.build().n_touched_days == 2  # and the new day, of which nothing has come
    assert _states(world, late, awaited) == [("submitted", 1, 1), ("not_yet", 0, 1)]
    world.today = last
    _sent(world, {DAYS[21]: [True]})
    # the day that is given up, the one that came and two new ones; what was known of others is known still
    assert world.build().n_touched_days == 4
    assert _states(world, awaited, DAYS[21], last) == [("not_submitted", 0, 1), ("submitted", 1, 1), ("not_yet", 0, 1)]
    _sent(world, {DAYS[22]: [True, True]})  # a second homeroom: more are expected where nothing came
    world.build()
    assert _states(world, nothing, awaited) == [("not_submitted", 0, 2)] * 2
    assert _states(world, SPRING[1], last) == [("submitted", 1, 1), ("not_yet", 0, 2)]
    _sent(world, {SPRING[2]: [True]})  # the year said nothing until now, so its other days were inferred
    world.build()
    assert _states(world, SPRING[1], SPRING[2]) == [("not_submitted", 0, 1), ("submitted", 1, 1)]
    held = {name: world.rows(f"from {name} order by {order}") for name, order in TABLES.items()}
    world.build(full=True)
    for name, order in TABLES.items():
        assert world.rows(f"from {name} order by {order}") == held[name], name
