"""The golden cases of attendance (indicators.md 12) from accepted rows to the figures: one school and student a case.

A year of 36 weeks is over, a second calendar has 100 days behind it and 80 to come; each school is named by its case.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from schemas.examples import COUNTED, STAYS
from schemas.profiles import SHIPPED, Profile
from tests.support.oracle_attendance import DAY
from tests.support.small_world import World, weekdays

DAYS = weekdays(date(2026, 7, 6), 180)
LATE = DAYS[80:]
AHEAD = [*weekdays(date(2027, 3, 15), 78), date(2027, 5, 15), date(2027, 5, 22)]
Case = tuple[str, str, list[date], list[dict[str, Any]], dict[str, Any]]
WHOLE = {"absence_fraction": "1"}


def cases() -> Iterator[Case]:
    """Yield school, student, days of membership, what is missed on the first of them, and what else is told."""
    for n_days in range(10, 190, 10):
        yield f"tenth{n_days}", "s", DAYS[:n_days], [WHOLE] * (n_days // 10), {}
    for n_days, absent in STAYS:
        yield f"least{n_days}_{absent}", "s", DAYS[:n_days], [WHOLE] * absent, {}
    part = {"minutes_absent": DAY - 1, "minutes_scheduled": DAY}
    for name, last in (("part", part), ("992", {"absence_fraction": "0.992"}), ("99", {"absence_fraction": "0.99"})):
        yield f"short{name}", "s", DAYS, [*[WHOLE] * 17, last], {}
    yield "periods", "s", DAYS, [{"periods_absent": 3, "periods_scheduled": 7}] * 7, {}
    for name, (first, missed), (second, more) in (("a", (82, 45), (96, 7)), ("b", (79, 10), (97, 8))):
        yield f"move_{name}1", f"moves_{name}", DAYS[:first], [WHOLE] * missed, {}
        yield f"move_{name}2", f"moves_{name}", DAYS[first : first + second], [WHOLE] * more, {}


def parted() -> Iterator[Case]:
    """Yield the cases of half days, tiers, part weeks and days ahead."""
    for full, halves in ((14, 7), (10, 16)):
        yield f"halves{halves}", "s", DAYS, [*[WHOLE] * full, *[{"absence_fraction": "0.5"}] * halves], {}
    for absent in (8, 9, 17, 18, 35, 36):
        yield f"tier{absent}", "s", DAYS, [WHOLE] * absent, {}
    for absent in (4, 8):
        days = [day for day in DAYS if day.weekday() < 2]
        yield f"two_days{absent}", "s", days, [WHOLE] * absent, {"attends_weekdays": "mon,tue"}
    for absent in (12, 16, 17, 18):
        yield f"ahead{absent}", "s", LATE, [WHOLE] * absent, {"calendar_id": "late"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A district of all cases, with every shipped definition."""
    made = World(tmp_path_factory.mktemp("golden"), today=date(2027, 3, 12))
    made.declare(profiles=[Profile(profile_id=name, use="shipped") for name in SHIPPED])
    told = [("plain", day) for day in DAYS] + [("late", day) for day in LATE + AHEAD]
    regular = {"day_kind": "regular", "is_instructional": True}
    made.land("calendar_days", [{"calendar_id": name, "on_date": day, **regular} for name, day in told])
    enrollment, events, sent, schools = [], [], [], []
    for school, name, days, missed, more in (*cases(), *parted()):
        student = name if name != "s" else f"s_{school}"
        left = DAYS[DAYS.index(days[-1]) + 1] if days[-1] not in (DAYS[-1], DAYS[-4]) else None
        row = {"student_key": student, "school_id": school, "calendar_id": "plain", "grade": "3", "is_primary": True}
        enrollment.append(row | {"entered_on": days[0], "exited_on": left, "school_year": 2027} | more)
        at = {"student_key": student, "school_id": school, "category": "unexcused", "section_id": ""}
        events += [at | {"on_date": day} | amount for day, amount in zip(days, missed, strict=False)]
        room = {"school_id": school, "homeroom_id": "1", "grade": "3", "is_submitted": True}
        sent += [room | {"on_date": day} for day in DAYS]
        schools.append({"school_id": school, "valid_from": DAYS[0], "name": school, "opens_on": DAYS[0]})
    made.land("enrollment", enrollment)
    made.land("attendance_events", events)
    made.land("attendance_submissions", sent)
    made.land("schools", [row | {"kind": "regular", "level": "elementary"} for row in schools])
    made.build()
    yield made
    made.close()


Flags = dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def flags(world: World) -> Flags:
    """Of the newest week, by definition and school: y where the one student is flagged, n where not, else nothing."""
    where = "period_ends_on = '2027-03-12' and unit_type = 'school' and group_id = 'all' and denominator > 0"
    rows = world.rows(
        f"select profile_id, unit_id, max(numerator) as n from msr_chronic_absence where {where} group by all"
    )
    return {(row["profile_id"], row["unit_id"]): "ny"[int(row["n"])] for row in rows}


def test_exactly_a_tenth_is_flagged_at_every_length(flags: Flags) -> None:
    """A tenth of 10, 20, ... 180 days: 18 of 18 by the federal definition."""
    assert [flags["us-edfacts-195", f"tenth{n}"] for n in range(10, 190, 10)] == ["y"] * 18


@pytest.mark.parametrize(("name", "fraction", "rounded"), [("part", "n", "y"), ("992", "n", "y"), ("99", "n", "n")])
def test_a_part_short_of_a_tenth_is_none(flags: Flags, name: str, fraction: str, rounded: str) -> None:
    """One part short, 17.992 and 17.99 of 180 days: never by share, the first two by a rounded percent."""
    told = [flags[profile, f"short{name}"] for profile in ("nj-spr", "edu-default")]
    assert told == [fraction, rounded]


@pytest.mark.parametrize("profile", COUNTED)
def test_minimum_days_of_the_table(flags: Flags, profile: str) -> None:
    """Lengths of stay and days missed, by each definition, as printed."""
    told = [flags.get((profile, f"least{n}_{absent}"), "n") for n, absent in STAYS]
    assert "".join(told) == COUNTED[profile]


@pytest.mark.parametrize(("name", "schools", "share"), [("a", "yn", (52, 178)), ("b", "yn", (18, 176))])
def test_a_mover_is_judged_by_school_and_by_district(
    world: World, flags: Flags, name: str, schools: str, share: tuple[int, int]
) -> None:
    """Each school judges its days; the district's flag follows the student into both."""
    places = [f"move_{name}{number}" for number in (1, 2)]
    assert "".join(flags["us-edfacts-195", place] for place in places) == schools
    assert [flags["district-follow", place] for place in places] == ["y", "y"]
    sums = "sum(missed), sum(member_parts) // 63000"
    days = f"select *, unexcused_parts // 63000 as missed from fct_member_days where student_key = 'moves_{name}'"
    assert tuple(world.rows(f"select {sums} from ({days})")[0].values()) == share


def test_parts_of_days_are_exact(world: World, flags: Flags) -> None:
    """14 whole and 7 half days of 180, 10 and 16; seven days of 3 of 7 periods are three days."""
    told = [[flags[name, f"halves{n}"] for name in ("nj-spr", "us-edfacts-195")] for n in (7, 16)]
    assert told == [["n", "y"], ["y", "y"]]
    [row] = world.rows("from msr_attendance_rate where unit_id = 'periods' and period_id = '2027-03-12'")
    assert (row["numerator"], row["denominator"]) == (177 * DAY, 180 * DAY)


def test_tiers_turn_where_they_are_said_to(world: World) -> None:
    """8, 9, 17, 18, 35 and 36 of 180 days."""
    rows = world.rows("from msr_absence_tier where starts_with(unit_id, 'tier') and period_id = '2027-03-12'")
    tiers = {int(row["unit_id"][4:]): row["subject_id"] for row in rows if row["numerator"]}
    words = ["satisfactory", "at_risk", "at_risk", "moderate", "moderate", "severe"]
    assert [tiers[absent] for absent in (8, 9, 17, 18, 35, 36)] == words


def test_a_part_week_has_no_days_beside_its_own(world: World, flags: Flags) -> None:
    """Monday and Tuesday of 36 weeks are 72 days: 4 missed are no tenth, 8 are."""
    days = "select distinct n_eligible as n from msr_attendance_rate where starts_with(unit_id, 'two_days') "
    assert world.rows(f"{days} and period_id = '2027-03-12'") == [{"n": 72}]
    assert [flags["fl", f"two_days{absent}"] for absent in (4, 8)] == ["n", "y"]


def test_who_can_recover_and_how_many_days_are_left(world: World) -> None:
    """After 100 days with 80 to come: 12, 16, 17 and 18 missed are flagged, the last for good; 5, 1, 0, -1 are left."""
    schools = [f"ahead{absent}" for absent in (12, 16, 17, 18)]
    rows = world.rows(
        "from msr_recoverable_share where profile_id = 'fl' and starts_with(unit_id, 'ahead') "
        "qualify period_ends_on = max(period_ends_on) over (partition by unit_id)"
    )
    shares = {row["unit_id"]: (int(row["numerator"]), int(row["denominator"])) for row in rows}
    assert [shares[school] for school in schools] == [(1, 1), (1, 1), (1, 1), (0, 1)]
    left = world.rows(
        "select unit_id, days_left from int_attendance__days_left join int_attendance__units using (unit_no)"
    )
    days = {row["unit_id"]: row["days_left"] for row in left}
    assert [days[school] for school in schools] == [5, 1, 0, -1]
