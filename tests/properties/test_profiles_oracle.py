"""Every definition of chronic absence, and the walk between two, equals plain loops on random districts."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from random import Random

import pytest

from aimline.commands import comparing
from aimline.errors import UsageError
from aimline.ledger.explain import explain
from aimline.scoring import profiles as rules
from aimline.warehouse import connect
from schemas.profiles import SHIPPED, Profile, resolved
from schemas.published import FIGURE_KEY, figure_id
from tests.support import attendance_districts as plain
from tests.support.attendance_districts import COUNTED, Districts, make_districts
from tests.support.oracle_attendance import Chronic, MemberDay
from tests.support.oracle_profiles import RULES, Chances, Rule, Who, counts
from tests.support.small_world import DISTRICT, World, weekdays

STAYERS = Profile(
    profile_id="stayers",
    based_on="fl",
    leavers="enrolled_at_end",
    min_attended_days=25,
    test={"share": "1/10", "op": ">"},
)
OWN = {"stayers": Rule(must_stay=True, attended=25, test=lambda absent, days: 10 * absent > days)}
DECLARED = [*(Profile(profile_id=name, use="shipped") for name in SHIPPED), STAYERS]
PLACES = "select * from msr_chronic_absence where group_id = 'all' and period_kind in ('year_to_date', 'year')"


@pytest.fixture(scope="module")
def made() -> Districts:
    """Twenty districts of five months, in which schools share days and memberships begin with the first day present."""
    made = make_districts(11, 20, n_days=100)
    made.shares_days = made.drops_no_shows = True
    made.ahead = weekdays(date(2027, 3, 2), 20)
    made.calendar |= {(name, day): "regular" for name in {name for name, _ in made.calendar} for day in made.ahead}
    return made


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, made: Districts) -> Iterator[World]:
    """Their warehouse, with all definitions; every third school is a correctional one."""
    world = World(tmp_path_factory.mktemp("profiles"), today=date(2027, 3, 1))
    made.land(world)
    made.declare(world, profiles=DECLARED)
    world.land("schools", [plain._school(school) | {"kind": kind_of(school)} for school in made.schools])
    world.build()
    yield world
    world.close()


def kind_of(school: str) -> str:
    """Return the kind of a school."""
    return "correctional" if school.endswith("c") else "regular"


def who_of(made: Districts, begins: Sequence[date | None], end: date, at: tuple[str, str]) -> Who:
    """Return what a rule asks about a student in a school ('': anywhere) on a day."""
    student, school = at
    spans = [row for row in made.enrollment if row["student_key"] == student]
    newest = max((row["entered_on"], bool(row["is_primary"])) for row in spans)
    tied = [row for row in spans if (row["entered_on"], bool(row["is_primary"])) == newest]
    grade = min(tied, key=lambda row: (row["enrollment_id"], row["school_id"]))["grade"]
    begun = [row for row, first in zip(made.enrollment, begins, strict=True) if first and first <= end]
    mine = [row for row in begun if row["student_key"] == student and school in {"", row["school_id"]}]
    last = max(
        day for (name, day), kind in made.calendar.items() if name == spans[0]["calendar_id"] and kind != "no_school"
    )
    stays = [row for row in mine if row["exited_on"] is None or row["exited_on"] > min(end, last)]
    return Who(grade, kind_of(school) if school else "", not stays)


def expected(made: Districts) -> dict[tuple[str, ...], Chronic]:
    """Return every definition's counts by year to date and unit, units without anybody eligible left out."""
    found, begins = {}, plain.begins(made)
    for name, rule in {**RULES, **OWN}.items():
        kinds = COUNTED | ({"suspended_in"} if rule.in_school_suspension else set())
        for (period, period_id), rows in plain.periods(made, plain.member_days(made, kinds)).items():
            if period in {"year_to_date", "year"}:
                end = date.fromisoformat(period_id) if period == "year_to_date" else made.days[-1]
                schools, district = counts(rows, rule, lambda *at, end=end: who_of(made, begins, end, at))
                units = {**schools, DISTRICT: district}
                found |= {(name, period, period_id, unit): c for unit, c in units.items() if c.judged + c.unmeasured}
    return found


def test_every_definition_equals_a_plain_loop(world: World, made: Districts) -> None:
    """Flagged, judged and unmeasured of all definitions, in every week and unit, are the loop's."""
    told = {
        (row["profile_id"], row["period_kind"], row["period_id"], row["unit_id"]): Chronic(
            int(row["numerator"]), int(row["denominator"]), row["n_unmeasured"]
        )
        for row in world.rows(PLACES)
    }
    assert told == expected(made)
    assert {name for name, *_ in told} == {*RULES, *OWN}


def test_recoverable_students_are_those_whom_all_days_ahead_would_save(world: World, made: Districts) -> None:
    """After every week, by every definition, unit and grain: a loop over the days that were left says the same."""
    rows = world.rows("select * from msr_recoverable_share where group_id = 'all' and denominator > 0")
    told = {
        (row["profile_id"], row["unit_id"], row["period_id"]): (int(row["numerator"]), int(row["denominator"]))
        for row in rows
    }
    begins, wanted = plain.begins(made), {}
    for name, rule in {**RULES, **OWN}.items():
        kinds = COUNTED | ({"suspended_in"} if rule.in_school_suspension else set())
        known, scheduled = plain.member_days(made, kinds), plain.member_days(made, kinds, is_open=True)
        for (kind, period_id), mine in plain.periods(made, known).items():
            if kind == "year_to_date":
                end = date.fromisoformat(period_id)
                ahead = [day for day in scheduled if day.on > end]
                chances = Chances(rule, mine, ahead, lambda *at, end=end: who_of(made, begins, end, at))
                wanted |= {(name, unit, period_id): pair for unit, pair in chances.by_unit().items() if pair[1]}
    assert told == wanted
    assert any(0 < saved < of for saved, of in wanted.values())


def stays_of(world: World) -> tuple[list[rules.Stay], list[str]]:
    """Return the stays that why-different compares, and all definitions' names."""
    bases = sorted({rules.basis(resolved(each)) for each in DECLARED})
    bases = sorted({(counted, rule) for counted, _ in bases for rule in ("fraction", "half_rule")})
    with connect(world.store.path("warehouse.duckdb"), role="build", read_only=True) as connection:
        span = comparing._span(connection, 2027)
        read = (stay for place in ("school_id", "''") for stay in comparing._read(connection, span, place, bases))
        return list(read), [each.profile_id for each in DECLARED]


def test_walk_begins_and_ends_at_the_figures_of_the_warehouse(world: World) -> None:
    """From each definition to the next: both ends are the district's figures; single students add up to the change."""
    stays, names = stays_of(world)
    newest = "period_id = (select max(period_id) from msr_chronic_absence where period_kind = 'year_to_date')"
    rows = world.rows(f"{PLACES} and unit_type = 'district' and {newest}")
    figures = {row["profile_id"]: (int(row["numerator"]), int(row["denominator"])) for row in rows}
    definitions = {each.profile_id: resolved(each) for each in DECLARED}
    share = rules.Fraction(9, 10)
    shuffled = Random(3).sample(names, len(names))  # noqa: S311 - a test's dice
    for one, other in (*pairwise(names), *pairwise(shuffled), *pairwise(reversed(names))):
        a, b = definitions[one], definitions[other]
        steps = rules.bridge(stays, a, b, share)
        ends = [(step.n_flagged, step.n_eligible) for step in (steps[0], steps[-1])]
        assert ends == [figures.get(name, (0, 0)) for name in (one, other)], (one, other)
        differing = list(rules.differences(stays, a, b, share))
        for position, judged in enumerate(({"flagged"}, {"flagged", "not_flagged"})):
            gained = sum((row.result_b in judged) - (row.result_a in judged) for row in differing)
            assert gained == ends[1][position] - ends[0][position], (one, other)
        assert {row.reason for row in differing} <= {*rules.STEPS, rules.COUNTED_TWICE}


def test_figure_names_the_deliveries_it_rests_on(world: World) -> None:
    """A week's figure names its measure last, and of the days' deliveries the parts of that week alone."""
    weeks = "from msr_attendance_rate where period_kind = 'week' and unit_type = 'district' and group_id = 'all'"
    week = world.rows(f"{weeks} order by denominator desc, period_starts_on limit 1")[0]
    found = explain(world.store, world.journal, figure_id(week[name] for name in FIGURE_KEY))
    assert (found.counted["numerator"], found.models[-1]) == (week["numerator"], "msr_attendance_rate")
    slots = {each.entity: each.slots for each in found.deliveries}
    span = (week["period_starts_on"].isoformat(), week["period_ends_on"].isoformat())
    assert {"attendance_events", "attendance_submissions", "enrollment", "schools", "calendar_days"} <= set(slots)
    assert slots["attendance_events"]
    assert all(span[0] <= slot <= span[1] for slot in slots["attendance_events"])
    with pytest.raises(UsageError, match="no figure 'fig_aaaaaaaaaaaa'"):
        explain(world.store, world.journal, "fig_aaaaaaaaaaaa")


def test_one_more_absence_never_clears_a_student(made: Districts) -> None:
    """Every definition is monotone: who is flagged stays flagged after one more absence."""
    for row in _stays(made):
        more = rules.Stay(
            **{
                **vars(row),
                "absent_parts": {key: min(n + 63_000, row.measured_parts) for key, n in row.absent_parts.items()},
            }
        )
        for name, shipped in SHIPPED.items():
            before, after = (rules.judge(each, shipped.parameters, rules.Fraction(9, 10)) for each in (row, more))
            assert (before, after) != ("flagged", "not_flagged"), name


def _stays(made: Districts) -> Iterator[rules.Stay]:
    by_place: dict[tuple[str, str], list[MemberDay]] = {}
    for day in plain.member_days(made):
        by_place.setdefault((day.student, day.school), []).append(day)
    bases = {rules.basis(each.parameters) for each in SHIPPED.values()}
    for (student, school), days in by_place.items():
        parts = [sum(day.parts for day in mine) for mine in (days, [day for day in days if day.missed is not None])]
        absent = dict.fromkeys(bases, sum(day.missed or 0 for day in days))
        yield rules.Stay(student, school, len(days), *parts, absent, grade="3")
