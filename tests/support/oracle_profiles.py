"""The definitions of chronic absence a second time: the printed table as plain rules, judged by loops over days.

Nothing here is taken from the product; parts of days, quotients as fractions, one student after another.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import partial

from tests.support.oracle_attendance import DAY, Chronic, MemberDay
from tests.support.small_world import DISTRICT

TENTH = Fraction(1, 10)
TO_8 = frozenset({"K", "1", "2", "3", "4", "5", "6", "7", "8"})

Test = Callable[[int, int], bool]


def a_tenth(absent: int, days: int) -> bool:
    """A tenth of the days or more."""
    return Fraction(absent, days) >= TENTH


def at_least(n_days: int) -> Test:
    """A number of days or more."""
    return lambda absent, _: Fraction(absent, DAY) >= n_days


def rounded_to_90(absent: int, days: int) -> bool:
    """Attendance in percent, rounded half up to two digits, is at most 90.00."""
    hundredths = Fraction(days - absent, days) * 10_000
    return int(hundredths + Fraction(1, 2)) <= 9_000


@dataclass(frozen=True)
class Rule:
    """One line of the table; ``least`` is the smallest number of member days that is judged."""

    least: int = 10
    grain: str = "school"
    test: Test = a_tenth
    half: bool = False
    missing_is_present: bool = False
    in_school_suspension: bool = False
    grades: frozenset[str] | None = None
    least_of_kind: Mapping[str, int] = field(default_factory=dict)
    must_stay: bool = False
    attended: int = 0


RULES = {
    "us-edfacts-195": Rule(half=True),
    "ca-dataquest": Rule(least=31, grain="level"),
    "ca-dashboard": Rule(least=31, grain="level", grades=TO_8),
    "nj-spr": Rule(least=45),
    "fl": Rule(),
    "kipp": Rule(),
    "me": Rule(least_of_kind={"correctional": 60}),
    "ri-early": Rule(least=90, grain="level", test=at_least(18), grades=frozenset({"K", "1", "2", "3"})),
    "crdc-legacy": Rule(least=0, test=at_least(15), in_school_suspension=True),
    "edu-default": Rule(least=20, test=rounded_to_90, missing_is_present=True),
    "district-follow": Rule(grain="district"),
}


@dataclass(frozen=True)
class Who:
    """What a rule asks about one stay besides its days."""

    grade: str = "3"
    kind: str = "regular"
    has_left: bool = False


def verdict(days: Sequence[MemberDay], rule: Rule, who: Who = Who()) -> str:
    """Judge one stay by one rule."""
    if rule.grades is not None and who.grade not in rule.grades:
        return "not_eligible"
    n_days = len({day.on for day in days})
    if n_days < rule.least_of_kind.get(who.kind, rule.least) or (rule.must_stay and who.has_left):
        return "not_eligible"
    member = sum(day.parts for day in days)
    sent = [day for day in days if day.missed is not None]
    tested = member if rule.missing_is_present else sum(day.parts for day in sent)
    if tested == 0 or Fraction(tested, member) < Fraction(9, 10):
        return "unmeasured"
    absent = sum(_missed(day, rule) for day in sent)
    if Fraction(tested - absent, DAY) < rule.attended:
        return "not_eligible"
    return "flagged" if rule.test(absent, tested) else "not_flagged"


def _missed(day: MemberDay, rule: Rule) -> int:
    missed = day.missed or 0
    return (day.parts if 2 * missed >= day.parts else 0) if rule.half else missed


def counts(
    found: Sequence[MemberDay], rule: Rule, who: Callable[[str, str], Who]
) -> tuple[dict[str, Chronic], Chronic]:
    """Return what one rule finds in each school and in the district; ``who`` knows a student and place ('': any)."""
    at: dict[tuple[str, str], list[MemberDay]] = defaultdict(list)
    whole: dict[str, list[MemberDay]] = defaultdict(list)
    for day in found:
        at[day.student, day.school].append(day)
        whole[day.student] += [day] if day.is_owner else []
    all_days = {student: verdict(days, rule, who(student, "")) for student, days in whole.items()}
    schools: dict[str, list[str]] = defaultdict(list)
    for (student, school), days in at.items():
        own = all_days[student] if rule.grain == "district" else verdict(days, rule, who(student, school))
        schools[school].append(own)
    every = [each for mine in schools.values() for each in mine]
    return {school: _count(mine) for school, mine in schools.items()}, _count(
        every if rule.grain == "school" else list(all_days.values())
    )


def _count(verdicts: Sequence[str]) -> Chronic:
    flagged, unmeasured = verdicts.count("flagged"), verdicts.count("unmeasured")
    return Chronic(flagged, flagged + verdicts.count("not_flagged"), unmeasured)


def _by_student(days: Sequence[MemberDay]) -> dict[str, list[MemberDay]]:
    found: dict[str, list[MemberDay]] = defaultdict(list)
    for day in days:
        found[day.student].append(day)
    return found


@dataclass(frozen=True)
class Chances:
    """Whom the days ahead would save: member days so far, those to come, and what a rule asks about a student."""

    rule: Rule
    days: Sequence[MemberDay]
    ahead: Sequence[MemberDay]
    who: Callable[[str, str], Who]

    def by_unit(self) -> dict[str, tuple[int, int]]:
        """Return of each school and the district how many flagged could still be cleared, of how many."""
        told: dict[str, list[bool]] = defaultdict(list)
        mine, left = (_by_student(days) for days in (self.days, self.ahead))
        for student, days in mine.items():
            judged = partial(self._of, days, left.get(student, []))
            schools = {day.school for day in days}
            results = {school: judged("" if self.rule.grain == "district" else school) for school in schools}
            whole = list(results.values()) if self.rule.grain == "school" else [judged("")]
            for school, result in results.items():
                told[school] += [result] if result is not None else []
            told[DISTRICT] += [result for result in whole if result is not None]
        return {unit: (sum(each), len(each)) for unit, each in told.items()}

    def _of(self, days: Sequence[MemberDay], ahead: Sequence[MemberDay], school: str) -> bool | None:
        """Say whether a flagged student can be cleared in a school ('': in the district); None where not flagged."""
        mine, left = (
            [day for day in each if day.school == school or (not school and day.is_owner)] for each in (days, ahead)
        )
        if not mine or verdict(mine, self.rule, self.who(days[0].student, school)) != "flagged":
            return None
        absent = sum(_missed(day, self.rule) for day in mine if day.missed is not None)
        sent = [day for day in mine if day.missed is not None or self.rule.missing_is_present]
        return not self.rule.test(absent, sum(day.parts for day in (*sent, *left)))


def plain_days(n_days: int, missed: Sequence[int | None], school: str = "0101") -> list[MemberDay]:
    """Return one student's whole days in a school; ``missed`` are the parts missed on the first of them."""
    told = [*missed, *[0] * (n_days - len(missed))]
    first = date(2026, 8, 19).toordinal()
    return [
        MemberDay("s", school, date.fromordinal(first + n), DAY, parts, is_owner=True) for n, parts in enumerate(told)
    ]
