"""The verb ``why-different``: what sets two definitions of chronic absence apart, in steps or by student."""

import sys
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aimline.commands._rows import print_csv
from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, Year, say_json
from aimline.errors import UsageError

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.scoring.profiles import Basis, Difference, Stay, Step
    from aimline.warehouse import Connection
    from schemas.profiles import Parameters

_BRIDGE = ("step", "parameter", "from", "to", "n_flagged", "n_eligible", "value", "change")
_ROWS = ("student_key", "school_id", "n_member_days", "n_absent_days", "result_a", "result_b", "reason", "detail")
_LAST_DIGIT = Decimal(1).scaleb(-12)

_STAYS = """
with kept as (
    select
        student_key,
        {school} as school_id,
        member_parts,
        day_state <> 'not_submitted' as is_measured,
        {is_day} as is_day,
        {categories},
    from fct_member_days
    where school_year = $year and on_date <= $last_on and day_state <> 'not_yet' {owned}
),

summed as (
    select
        student_key,
        school_id,
        count(*) filter (is_day) as n_member_days,
        sum(member_parts) as member_parts,
        coalesce(sum(member_parts) filter (is_measured), 0) as measured_parts,
        {sums},
    from kept
    group by student_key, school_id
),

grades as (
    select
        student_key,
        arg_max(grade, (entered_on, is_primary, -tie_no)) as grade,
    from int_enrollment__spans
    where school_year = $year
    group by student_key
),

year_ends as (
    select
        calendar_id,
        max(on_date) as year_ends_on,
    from int_calendar__days
    where is_instructional and slot = cast($year as varchar)
    group by calendar_id
),

spans as (
    select * from int_attendance__memberships
    inner join year_ends using (calendar_id)
    where school_year = $year
),

leavers as (
    select
        student_key,
        {school} as school_id,
        bool_and(last_on < least($last_on, year_ends_on)) as has_left,
    from spans
    where begins_on <= $last_on
    group by all
),

kinds as (
    select
        school_id,
        arg_max(kind, valid_from) as school_kind,
    from stg_landed__schools
    group by school_id
)

select
    summed.*,
    coalesce(grades.grade, '') as grade,
    coalesce(kinds.school_kind, '') as school_kind,
    coalesce(leavers.has_left, true) as has_left,
from summed
left join grades using (student_key)
left join leavers using (student_key, school_id)
left join kinds using (school_id)
order by student_key, school_id
"""

Profiles = Annotated[
    list[str], typer.Option("--profile", metavar="P", help="A definition; given twice: from the first to the second.")
]
Rows = Annotated[bool, typer.Option("--rows", help="Each student whom the two judge differently.")]
Format = Annotated[Literal["csv", "json"], typer.Option("--format", metavar="FORMAT", help="csv or json.")]


def why_different(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    profile: Profiles,
    year: Year = None,
    rows: Rows = False,
    form: Format = "csv",
    as_of: AsOf = None,
    as_json: AsJson = False,
    state: State = None,
) -> int:
    """Walk from one definition of chronic absence to another, one parameter at a time; the changes add up exactly."""
    from aimline.context import open_context
    from aimline.scoring import profiles as rules

    context = open_context(deployment, as_of=as_of, state=state)
    a, b = _definitions(context, profile)
    bases = sorted({rules.basis(each) for _, each in rules.path(a, b)})
    stays, share = _stays(context, (year, as_of), bases)
    if rows:
        print("Single students: not for publication.", file=sys.stderr)  # noqa: T201
        columns, cells = _ROWS, [_row(each) for each in rules.differences(stays, a, b, share)]
    else:
        columns, cells = _BRIDGE, list(_steps(rules.bridge(stays, a, b, share)))
    if as_json or form == "json":
        say_json([dict(zip(columns, row, strict=True)) for row in cells])
    else:
        print_csv(columns, cells)
    return 0


def _definitions(context: "Context", names: Sequence[str]) -> tuple["Parameters", "Parameters"]:
    """Return the two definitions, of those that ship and those of the district."""
    from schemas.profiles import SHIPPED, resolved

    known = {name: shipped.parameters for name, shipped in SHIPPED.items()}
    known |= {each.profile_id: resolved(each) for each in context.deployment.indicators.profiles}
    if len(names) != 2:  # noqa: PLR2004 - from one to the other
        raise UsageError("two definitions are compared.", remedy="Give --profile twice.")
    for name in names:
        if name not in known:
            raise UsageError(f"no profile '{name[:48]}'; profiles: {', '.join(sorted(known))}.")
    return known[names[0]], known[names[1]]


def _stays(
    context: "Context", when: tuple[int | None, date | None], bases: Sequence["Basis"]
) -> tuple[list["Stay"], Fraction]:
    """Return the days of every student in each school and in the district, to the day of the newest figure.

    Args:
        context: The district.
        when: The school year, the newest when None; the day of the build, the newest when None.
        bases: The ways to read a day.
    """
    from aimline.ledger.asof import built_key
    from aimline.warehouse import connect

    year, as_of = when
    key = built_key(context.store, context.journal, as_of, context.deployment.name)
    with connect(context.store.path(key), role="build", read_only=True) as connection:
        span = _span(connection, year)
        _tell_withheld(connection, span)
        share = connection.rows(
            "select measured_share_numerator, measured_share_denominator from stg_declared__district"
        )
        found = [stay for place in ("school_id", "''") for stay in _read(connection, span, place, bases)]
    return found, Fraction(*share[0].values())


def _span(connection: "Connection", year: int | None) -> dict[str, Any]:
    """Return the school year, and its last day with a figure of chronic absence, else with a member day."""
    found = connection.rows(
        "select school_year as year, coalesce(any_value(ends_on), max(on_date)) as last_on from fct_member_days"
        " left join (select school_year, max(period_ends_on) as ends_on from msr_chronic_absence group by school_year)"
        " using (school_year) where $year is null or school_year = $year"
        " group by school_year order by school_year desc limit 1",
        {"year": year},
    )
    if not found:
        told = "chronic_absence needs student days; the warehouse holds none"
        raise UsageError(f"{told}{f' of {year}' if year else ''}.", remedy="Name another year, or build first.")
    return found[0]


def _tell_withheld(connection: "Connection", span: dict[str, Any]) -> None:
    """Say on stderr that the figure walked to is one that nobody is shown, and which day it is of."""
    found = connection.rows(
        "select any_value(hold_reason) as reason from msr_chronic_absence where school_year = $year"
        " and period_ends_on = $last_on and unit_type = 'district' and group_id = 'all' and quality_state = 'withheld'",
        span,
    )
    if found[0]["reason"]:
        told = f"The district's figure of {span['last_on']} is withheld: {found[0]['reason']}."
        print(told, file=sys.stderr)  # noqa: T201


def _read(connection: "Connection", span: dict[str, Any], school: str, bases: Sequence["Basis"]) -> Iterator["Stay"]:
    """Yield the stays of all students in each school, or in the district, whose days each have one owner."""
    from aimline.scoring.profiles import Stay

    missed = {number: _missed(kinds, rule) for number, (kinds, rule) in enumerate(bases)}
    sql = _STAYS.format(
        school=school,
        owned="and is_owner" if school == "''" else "",
        is_day="overlap_state <> 'beside'" if school == "''" else "true",
        categories=", ".join(f"{text} as missed_{number}" for number, text in missed.items()),
        sums=", ".join(
            f"coalesce(sum(missed_{number}) filter (is_measured), 0) as absent_{number}" for number in missed
        ),
    )
    for row in connection.rows(sql, span):
        absent = {each: int(row.pop(f"absent_{number}")) for number, each in enumerate(bases)}
        row |= {name: int(row[name]) for name in ("member_parts", "measured_parts")}
        yield Stay(**row, absent_parts=absent)


def _missed(kinds: str, rule: str) -> str:
    """Write the parts of a day that one way of reading it counts as missed."""
    added = " + ".join(f"coalesce({kind}_parts, 0)" for kind in kinds.split(",") if kind) or "0"
    return f"case when 2 * ({added}) >= member_parts then member_parts else 0 end" if rule == "half_rule" else added


def _steps(steps: Sequence["Step"]) -> Iterator[tuple[Any, ...]]:
    """Yield the bridge; changes are taken of the values as printed, so that what is printed adds up."""
    before: Decimal | None = None
    for number, step in enumerate(steps):
        value = _decimal(step.value)
        change = None if value is None or before is None else value - before
        counts = (step.n_flagged, step.n_eligible)
        yield (number, step.parameter, step.before, step.after, *counts, _text(value), _text(change))
        before = value


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_LAST_DIGIT)


def _text(value: Decimal | None) -> str | None:
    """Write a decimal without the zeros behind its last digit."""
    return None if value is None else f"{value:f}".rstrip("0").rstrip(".") or "0"


def _row(found: "Difference") -> tuple[Any, ...]:
    from aimline.scoring.profiles import days_text

    counted = (found.n_member_days, days_text(found.n_absent_parts))
    results = (found.result_a, found.result_b, found.reason, found.detail)
    return (found.student_key, found.school_id, *counted, *results)
