"""The verbs ``build`` and ``measures``: bring the warehouse to a day, and look at one measure in it."""

import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._rows import print_csv
from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, Year, number_of, say, say_json, say_table
from aimline.errors import UsageError

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.transform import BuildReport
    from aimline.warehouse import Connection

_SHOWN = (
    *("profile_id", "period_kind", "period_id", "unit_type", "unit_id", "group_id", "subject_id", "estimator"),
    *("numerator", "denominator", "value", "n_people", "quality_state"),
)


_ASKED = {"profile_id": "profile", "school_year": "year", "unit_type": "unit type", "group_id": "group"}
_MOST_NAMED = 30

_PUBLISHED = (
    *("audience_id", "reader_unit_id", "profile_id", "period_kind", "period_id", "unit_type", "unit_id", "group_id"),
    *("subject_id", "value_text", "n_text", "quality_state"),
)


Rows = tuple[tuple[str, ...], list[dict[str, Any]]]
"""Names of columns, and rows."""


class View(StrEnum):
    """Whose rows are printed: the operator's, with nothing hidden, or what the current release shows."""

    internal = "internal"
    published = "published"


class Form(StrEnum):
    """How the rows of a measure are written."""

    table = "table"
    csv = "csv"
    json = "json"


Measure = Annotated[str, typer.Option("--measure", metavar="M", help="Such as attendance_rate.")]
ProfileId = Annotated[str | None, typer.Option("--profile", metavar="P", help="Only this definition.")]
UnitType = Annotated[str | None, typer.Option("--unit-type", metavar="T", help="district or school.")]
Group = Annotated[str | None, typer.Option("--group", metavar="G", help="Only this group of students.")]
Format = Annotated[Form, typer.Option("--format", help="How to write the rows.")]
ViewOption = Annotated[View, typer.Option("--view", help="All rows, or what the current release shows.")]
Full = Annotated[bool, typer.Option("--full", help="Make everything anew.")]
Memory = Annotated[
    str | None,
    typer.Option("--memory", metavar="SIZE", help="Such as 4GiB; else AIMLINE_MEMORY, else six tenths of the machine."),
]


def build_command(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    full: Full = False,
    memory: Memory = None,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Bring the warehouse to the knowledge of a day, and say what changed and what a person should look at."""
    from aimline.commands._declaring import land_facts_of_today
    from aimline.commands.coarsening import build_told
    from aimline.context import open_context
    from aimline.warehouse import keep_to

    if memory:
        keep_to(memory)
    context = open_context(deployment, as_of=as_of, state=state)
    land_facts_of_today(context)
    report = build_told(context, full=full)
    if as_json:
        say_json({name: value for name, value in asdict(report).items() if name != "seconds"})
    else:
        for finding in report.findings:
            say(f"finding {finding}")
        say(_sentence(report))
    return 1 if report.findings else 0


def _sentence(report: "BuildReport") -> str:
    head = f"build {report.build_id} as of {report.as_of}"
    findings = number_of(len(report.findings), "finding")
    if report.state == "unchanged":
        return f"{head}: nothing new, {findings}"
    days = number_of(report.n_touched_days, "day")
    models, tests = number_of(report.n_models, "model"), number_of(report.n_tests, "test")
    return f"{head}: {days} touched, {models}, {tests}, {report.n_failed} failed, {findings}"


def measures(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    measure: Measure,
    profile: ProfileId = None,
    year: Year = None,
    unit_type: UnitType = None,
    group: Group = None,
    view: ViewOption = View.internal,
    form: Format = Form.table,
    as_of: AsOf = None,
    as_json: AsJson = False,
    state: State = None,
) -> int:
    """Print the rows of one measure: as the warehouse holds them, with nothing hidden, or as the release shows them."""
    from aimline.context import open_context
    from schemas.indicators import BESIDE, MEASURES

    if measure not in {*MEASURES, *BESIDE}:
        known = ", ".join(sorted({*MEASURES, *BESIDE}))
        raise UsageError(f"there is no measure '{measure[:48]}'.", remedy=f"Measures: {known}.")
    wanted = {"measure_id": measure, "profile_id": profile, "school_year": year, "unit_type": unit_type}
    wanted |= {"group_id": group}
    context = open_context(deployment, as_of=as_of, state=state)
    _refuse_counts(context, measure)
    read = _internal if view is View.internal else _published
    columns, rows = read(context, as_of, {name: value for name, value in wanted.items() if value is not None})
    if as_json or form is Form.json:
        say_json([{name: _plain(value) for name, value in row.items()} for row in rows])
    elif form is Form.csv:
        print_csv(columns, [[_plain(row[name]) for name in columns] for row in rows])
    else:
        shown = _SHOWN if view is View.internal else _PUBLISHED
        say_table(shown, [[_plain(row[name]) for name in shown] for row in rows])
    return 0


def _refuse_counts(context: "Context", measure: str) -> None:
    """Refuse a measure of students where schools send counts alone.

    Raises:
        UsageError: The district's attendance holds school days.
    """
    from schemas.indicators import OF_STUDENTS

    declared = context.deployment
    if declared.indicators.attendance.mode != "counts" or measure not in OF_STUDENTS:
        return
    sources = (each.source_id for each in declared.sources.sources if each.entity == "attendance_counts")
    named = f"source {next(sources, 'of attendance')} holds"
    raise UsageError(f"{measure} needs student days; {named} school-day counts.", remedy="Bring a feed of students.")


def _internal(context: "Context", as_of: date | None, wanted: dict[str, Any]) -> Rows:
    """Return the standard rows of a measure that are as wanted, by the key of a figure."""
    from aimline.ledger.asof import built_key
    from aimline.warehouse import connect
    from schemas.published import FIGURE_KEY

    key = built_key(context.store, context.journal, as_of, context.deployment.name)
    print("Small groups are not hidden here: not for publication.", file=sys.stderr)  # noqa: T201
    with connect(context.store.path(key), role="build", read_only=True) as connection:
        return _read(connection, _selected("fct_measures", wanted, FIGURE_KEY), wanted)


def _published(context: "Context", as_of: date | None, wanted: dict[str, Any]) -> Rows:
    """Return a measure's rows as the current release shows them to each reader, or the last one up to a day."""
    from aimline.ledger.releases import SNAPSHOT, current, shown_on
    from aimline.warehouse import connect
    from schemas.published import FIGURE_KEY

    release = shown_on(context.store, context.journal, as_of) if as_of else current(context.store)
    if release is None:
        told = f"no release of {as_of} or before is kept." if as_of else "nothing has been published yet."
        raise UsageError(told, remedy=f"aimline publish {context.deployment.name}")
    key = [*(name for name in FIGURE_KEY if name != "estimator"), "audience_id", "reader_unit_id", "figure_id"]
    path = context.store.path(f"releases/{release.release_id}/{SNAPSHOT}")
    with connect(path, role="release", read_only=True) as connection:
        return _read(connection, _selected("rpt_measures", wanted, key), wanted)


def _read(connection: "Connection", query: str, wanted: dict[str, Any]) -> Rows:
    """Return the names of the columns, also where there are no rows, and the rows."""
    rows = connection.rows(query, wanted)
    if not rows:
        _refuse_unknown(connection, query.split()[1], wanted)
    return tuple(connection.columns(query, wanted)), rows


def _refuse_unknown(connection: "Connection", table: str, wanted: dict[str, Any]) -> None:
    """Refuse what no row of a measure has; of a measure without rows nothing is known.

    Raises:
        UsageError: A definition, year, unit or group of no row.
    """
    measure = {"measure_id": wanted["measure_id"]}
    for name, value in wanted.items():
        asked = f"select distinct {name} as known from {table} where measure_id = $measure_id order by known"
        known = [row["known"] for row in connection.rows(asked, measure)]
        if known and value not in known:
            told = f"{measure['measure_id']} has no {_ASKED[name]} '{str(value)[:48]}'."
            raise UsageError(told, remedy=f"There is {', '.join(map(str, known[:_MOST_NAMED]))}.")


def _selected(table: str, wanted: Iterable[str], key: Iterable[str]) -> str:
    """Write the query of the rows that are as wanted."""
    where = " and ".join(f"{name} = ${name}" for name in wanted)
    return f"from {table} where {where} order by {', '.join(key)}"


def _plain(value: Any) -> Any:
    """Write a decimal without the zeros behind its point."""
    if not isinstance(value, Decimal):
        return value
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
