"""Judge students by a definition of chronic absence, and walk from one definition to another, one parameter at a time.

The warehouse judges in SQL (``int_attendance__profile_flags``); this is the same rule over sums of single students, for
any mixture of two definitions. Whole day parts and cross-multiplication only: nothing is divided before it is printed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from schemas.fields import DAY_PARTS
from schemas.profiles import ABSENCE_KINDS, Parameters, Test

Basis = tuple[str, str]
FLAGGED, NOT_FLAGGED, NOT_ELIGIBLE, UNMEASURED = "flagged", "not_flagged", "not_eligible", "unmeasured"
COUNTED_TWICE = "counted_twice"

STEPS: dict[str, tuple[str, ...]] = {
    "counts": ("counts",),
    "partial_day": ("partial_day",),
    "missing_days": ("missing_days",),
    "grain": ("grain",),
    "grades": ("grades",),
    "leavers": ("leavers",),
    "min_member_days": ("min_member_days", "min_op", "min_days_by_school_kind", "min_attended_days"),
    "test": ("test",),
}
"""The steps from one definition to another, in order: name -> the parameters it swaps."""


@dataclass(frozen=True)
class Stay:
    """The days of one student in one school, or in the whole district.

    Attributes:
        student_key: The student's pseudonym.
        school_id: The school; empty for the district.
        n_member_days: School days as a member, measured or not.
        member_parts: Day parts of membership.
        measured_parts: Those of days for which attendance was sent.
        absent_parts: Parts missed, for each way to read a day.
        grade: The student's newest grade.
        school_kind: Kind of the school.
        has_left: Whether the membership ended before the period did.
    """

    student_key: str
    school_id: str
    n_member_days: int
    member_parts: int
    measured_parts: int
    absent_parts: Mapping[Basis, int]
    grade: str = ""
    school_kind: str = ""
    has_left: bool = False


@dataclass(frozen=True)
class Step:
    """What a definition on the way from A to B finds; the first is A itself and swaps nothing."""

    parameter: str
    before: str
    after: str
    n_flagged: int
    n_eligible: int

    @property
    def value(self) -> Fraction | None:
        """Return the share of flagged students; None where nobody is judged."""
        return Fraction(self.n_flagged, self.n_eligible) if self.n_eligible else None


@dataclass(frozen=True)
class Difference:
    """One student (in one school) whom the two definitions judge differently; an empty result: not counted there."""

    student_key: str
    school_id: str
    n_member_days: int
    n_absent_parts: int
    result_a: str
    result_b: str
    reason: str
    detail: str


def basis(parameters: Parameters) -> Basis:
    """Return how a definition reads a day: what counts, and what part of a day is worth."""
    return ",".join(each for each in ABSENCE_KINDS if each in parameters.counts), parameters.partial_day


def path(a: Parameters, b: Parameters) -> list[tuple[str, Parameters]]:
    """Return the definitions from A to B, each with the name of the step that made it; the first is A."""
    found = [("", a)]
    for name, swapped in STEPS.items():
        found.append((name, found[-1][1].model_copy(update={each: getattr(b, each) for each in swapped})))
    return found


def minimum(stay: Stay, parameters: Parameters) -> int:
    """Return the member days that a definition asks of a stay."""
    needed = parameters.min_days_by_school_kind.get(stay.school_kind, parameters.min_member_days)
    return needed + (parameters.min_op == ">")


def judge(stay: Stay, parameters: Parameters, measured_share: Fraction) -> str:
    """Judge one stay: flagged, not_flagged, not_eligible or unmeasured."""
    if _is_out(stay, parameters):
        return NOT_ELIGIBLE
    counts_present = parameters.missing_days == "count_present"
    tested = stay.member_parts if counts_present else stay.measured_parts
    if tested == 0 or tested * measured_share.denominator < stay.member_parts * measured_share.numerator:
        return UNMEASURED
    absent = stay.absent_parts[basis(parameters)]
    if tested - absent < parameters.min_attended_days * DAY_PARTS:
        return NOT_ELIGIBLE
    return FLAGGED if _is_absent(absent, tested, parameters.test) else NOT_FLAGGED


def _is_out(stay: Stay, parameters: Parameters) -> bool:
    """Say whether a definition leaves a stay out: its grade, who has left, too few days."""
    wrong_grade = parameters.grades is not None and stay.grade not in parameters.grades
    gone = parameters.leavers == "enrolled_at_end" and stay.has_left
    return wrong_grade or gone or stay.n_member_days < minimum(stay, parameters)


def _is_absent(absent: int, tested: int, test: Test) -> bool:
    strict = int(test.op == ">")
    if test.absent_days is not None:
        return absent >= test.absent_days * DAY_PARTS + strict
    if test.rounded_percent is not None:
        unit: int = 10**test.digits
        return (200 * unit * (tested - absent) + tested) // (2 * tested) <= test.rounded_percent * unit - strict
    share = test.share or Fraction(0)
    return absent * share.denominator >= tested * share.numerator + strict


def _population(stays: Iterable[Stay], parameters: Parameters) -> list[Stay]:
    """Return the stays that the district's figure counts: of each school, or of each student once."""
    return [stay for stay in stays if bool(stay.school_id) == (parameters.grain == "school")]


def bridge(stays: Sequence[Stay], a: Parameters, b: Parameters, measured_share: Fraction) -> list[Step]:
    """Return what the district's figure is at each step from definition A to definition B."""
    steps: list[Step] = []
    before = a
    for name, parameters in path(a, b):
        if steps and parameters == before:
            counts = steps[-1].n_flagged, steps[-1].n_eligible
        else:
            results = [judge(stay, parameters, measured_share) for stay in _population(stays, parameters)]
            flagged = results.count(FLAGGED)
            counts = flagged, flagged + results.count(NOT_FLAGGED)
        old, new = (text_of(name, before), text_of(name, parameters)) if name else ("", "")
        steps.append(Step(name, old, new, *counts))
        before = parameters
    return steps


def text_of(step: str, parameters: Parameters) -> str:
    """Write what a step swaps, as one definition has it."""
    if step == "counts":
        return "+".join(each for each in ABSENCE_KINDS if each in parameters.counts)
    if step == "grades":
        return "all" if parameters.grades is None else "+".join(parameters.grades)
    if step == "min_member_days":
        kinds = "".join(f"; {kind} {n}" for kind, n in sorted(parameters.min_days_by_school_kind.items()))
        attended = f"; {parameters.min_attended_days} attended" if parameters.min_attended_days else ""
        return f"{parameters.min_op} {parameters.min_member_days}{kinds}{attended}"
    return test_text(parameters.test) if step == "test" else str(getattr(parameters, step))


def test_text(test: Test) -> str:
    """Write a test as a comparison."""
    if test.absent_days is not None:
        return f"absent {test.op} {test.absent_days} days"
    if test.rounded_percent is not None:
        sign = "<=" if test.op == ">=" else "<"
        return f"attendance, rounded to {test.digits} digits, {sign} {test.rounded_percent} %"
    return f"absent {test.op} {test.share} of days"


def differences(stays: Sequence[Stay], a: Parameters, b: Parameters, measured_share: Fraction) -> Iterator[Difference]:
    """Yield whom the two definitions judge differently, by student and school.

    Where one judges each school and the other the district, a student of several schools is compared in the school
    with most of the days; each other school of the one definition is counted_twice. So the rows add up to the change.
    """
    mine: dict[str, list[Stay]] = {}
    for stay in stays:
        mine.setdefault(stay.student_key, []).append(stay)
    steps = path(a, b)
    for student in sorted(mine):
        yield from _of_student(mine[student], steps, measured_share)


def _of_student(
    stays: Sequence[Stay], steps: Sequence[tuple[str, Parameters]], share: Fraction
) -> Iterator[Difference]:
    a, b = steps[0][1], steps[-1][1]
    schools = sorted((stay for stay in stays if stay.school_id), key=lambda each: each.school_id)
    district = [stay for stay in stays if not stay.school_id]
    if (a.grain == "school") == (b.grain == "school"):
        pairs = [(stay, stay) for stay in (schools if a.grain == "school" else district)]
    else:
        anchor = max(schools, key=lambda each: each.n_member_days)
        is_in_a = a.grain == "school"
        pairs = [(anchor, stay) if is_in_a else (stay, anchor) for stay in district]
        others = [stay for stay in schools if stay is not anchor]
        yield from (_doubled(stay, a if is_in_a else b, share, is_in_a=is_in_a) for stay in others)
    found = (_compared(first, second, steps, share) for first, second in pairs)
    yield from (each for each in found if each)


def _doubled(stay: Stay, parameters: Parameters, share: Fraction, *, is_in_a: bool) -> Difference:
    result = judge(stay, parameters, share)
    results = (result, "") if is_in_a else ("", result)
    detail = f"one of the student's other schools; only {'A' if is_in_a else 'B'} counts it by itself"
    absent = stay.absent_parts[basis(parameters)]
    return Difference(stay.student_key, stay.school_id, stay.n_member_days, absent, *results, COUNTED_TWICE, detail)


def _compared(in_a: Stay, in_b: Stay, steps: Sequence[tuple[str, Parameters]], share: Fraction) -> Difference | None:
    """Return how a student's results differ, None where they are the same."""
    a, b = steps[0][1], steps[-1][1]
    first = judge(in_a, a, share)
    last = judge(in_b, b, share)
    if first == last:
        return None
    here = [in_a if (each.grain == "school") == (a.grain == "school") else in_b for _, each in steps]
    changed = next(n for n, (_, each) in enumerate(steps) if judge(here[n], each, share) != first)
    (_, before), (name, parameters) = steps[changed - 1 : changed + 1]
    place = in_a if in_a.school_id else in_b
    absent = place.absent_parts[basis(a)]
    detail = _DETAILS[name](in_a, in_b, before, parameters)
    return Difference(place.student_key, place.school_id, place.n_member_days, absent, first, last, name, detail)


def days_text(parts: int) -> str:
    """Write day parts as days, with at most six digits behind the point."""
    text = f"{float(Fraction(parts, DAY_PARTS)):.6f}"
    return text.rstrip("0").rstrip(".")


def _absent_detail(stay: Stay, _: Stay, a: Parameters, b: Parameters) -> str:
    counts = [days_text(stay.absent_parts[basis(each)]) for each in (a, b)]
    return f"{counts[0]} days absent as A reads them, {counts[1]} as B does"


def _missing_detail(stay: Stay, _: Stay, a: Parameters, b: Parameters) -> str:
    measured = f"{days_text(stay.measured_parts)} of {days_text(stay.member_parts)} days measured"
    return f"{measured}; A: {a.missing_days}, B: {b.missing_days}"


def _grain_detail(first: Stay, second: Stay, a: Parameters, b: Parameters) -> str:
    told = [
        f"{days_text(each.absent_parts[basis(b)])} of {days_text(each.measured_parts)} days" for each in (first, second)
    ]
    return f"A, by {a.grain}: {told[0]}; B, by {b.grain}: {told[1]}"


def _minimum_detail(_: Stay, stay: Stay, a: Parameters, b: Parameters) -> str:
    needs = [
        f"{'more than ' if each.min_op == '>' else ''}{minimum(stay, each) - (each.min_op == '>')}" for each in (a, b)
    ]
    return f"{stay.n_member_days} member days; A needs {needs[0]}, B needs {needs[1]}"


def _grade_detail(stay: Stay, _: Stay, a: Parameters, b: Parameters) -> str:
    return f"grade {stay.grade}; A takes {text_of('grades', a)}, B takes {text_of('grades', b)}"


def _leaver_detail(_: Stay, __: Stay, a: Parameters, b: Parameters) -> str:
    return f"left before the end; A: {a.leavers}, B: {b.leavers}"


def _test_detail(_: Stay, stay: Stay, a: Parameters, b: Parameters) -> str:
    absent = f"{days_text(stay.absent_parts[basis(b)])} of {days_text(stay.measured_parts)} days absent"
    return f"{absent}; A: {test_text(a.test)}, B: {test_text(b.test)}"


_DETAILS: dict[str, Callable[[Stay, Stay, Parameters, Parameters], str]] = {
    "counts": _absent_detail,
    "partial_day": _absent_detail,
    "missing_days": _missing_detail,
    "grain": _grain_detail,
    "grades": _grade_detail,
    "leavers": _leaver_detail,
    "min_member_days": _minimum_detail,
    "test": _test_detail,
}
