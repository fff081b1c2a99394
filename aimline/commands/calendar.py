"""The verb ``calendar``: the dated obligations of a year."""

from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, number_of, say, say_json, say_table

if TYPE_CHECKING:
    from aimline.settings import Deployment

_SHOWN = ("opens_on", "closes_on", "due_on")

Year = Annotated[int | None, typer.Option("--year", metavar="YEAR", help="School year: 2027 is 2026-27.")]
Owner = Annotated[str | None, typer.Option("--owner", metavar="ROLE", help="Only what this role answers for.")]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only this kind; 'arrival' is shown only so.")]


def calendar(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    year: Year = None,
    owner: Owner = None,
    kind: Kind = None,
    *,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> int:
    """Print the dated obligations of a year: windows, reviews, plan steps, meetings."""
    from aimline.schedule import obligation_rows, resolve_dates
    from aimline.settings import load_deployment

    declared = load_deployment(deployment)
    day = as_of or _today(declared)
    school_year = _year_asked(declared, year, day)
    rows = [
        row
        for row in obligation_rows(declared, resolve_dates(declared))
        if row["school_year"] == school_year
        and (row["kind"] == kind if kind else row["kind"] != "arrival")
        and owner in {None, row["owner_role"]}
    ]
    if as_json:
        head = {"deployment": declared.name, "school_year": school_year, "as_of": day}
        items = [_item(row, school_year) for row in rows]
        say_json({**head, "time_zone": declared.district.time_zone, "items": items})
        return 0
    say(_heading(declared, school_year))
    say()
    heads = ("due", "opens", "kind", "id", "what", "owner", "rule")
    say_table(heads, [_cells(_item(row, school_year)) for row in rows])
    return 0


def _item(row: dict[str, Any], school_year: int) -> dict[str, Any]:
    """Return what is shown of an obligation, under the id it has within its year."""
    return {
        "id": row["obligation_id"].removeprefix(f"{school_year}_"),
        "kind": row["kind"],
        "label": row["label_en"],
        **{name: row[name] for name in _SHOWN},
        "owner": row["owner_role"],
        "rule": row["rule"],
    }


def _cells(item: dict[str, Any]) -> tuple[object, ...]:
    return tuple(item[name] for name in ("due_on", "opens_on", "kind", "id", "label", "owner", "rule"))


def _heading(declared: "Deployment", school_year: int) -> str:
    from aimline.schedule.calendars import day_kinds

    year = declared.years[school_year]
    kinds = [kind for kind in day_kinds(year).values() if kind in year.counts_as_instructional]
    n_off_site = kinds.count("off_site")
    own = year.school_year
    days = number_of(len(kinds) - n_off_site, "school day")
    return (
        f"{declared.name} {own.label}: {days} on site, {n_off_site} off site, {own.first_day} to {own.last_day}, "
        f"{declared.district.time_zone}"
    )


def _year_asked(declared: "Deployment", year: int | None, day: date) -> int:
    """Return the year asked for, else the one that a day is in, or the last before it."""
    from aimline.errors import UsageError

    known = sorted(declared.years)
    if year is None:
        begun = [each for each in known if _begins(declared, each) <= day]
        return begun[-1] if begun else known[0]
    if year not in known:
        listed = ", ".join(str(each) for each in known)
        raise UsageError(f"{declared.name} declares no school year {year}.", remedy=f"Years: {listed}.")
    return year


def _begins(declared: "Deployment", school_year: int) -> date:
    year = declared.years[school_year]
    return year.fiscal_year.starts if year.fiscal_year else year.school_year.first_day


def _today(declared: "Deployment") -> date:
    from aimline.clock import clock_for

    return clock_for(declared.district.time_zone, time(), None).as_of
