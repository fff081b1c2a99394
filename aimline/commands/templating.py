"""The verb ``template``: write the forms of a window or of a school's team, a workbook and a CSV file a school."""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aimline.commands._forms import form_for, rooms_of, window_of
from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, number_of, say, say_json
from aimline.errors import UsageError
from aimline.sources.template import Form, Slot
from aimline.sources.template_teams import TEAM_FORMS

if TYPE_CHECKING:
    from aimline.context import Context

WindowName = Annotated[
    str,
    typer.Argument(
        metavar="WINDOW|FORM", help="The window whose forms are written; or school_plan, cycle_form, meeting_record."
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The folder they are written into.")]
School = Annotated[str | None, typer.Option("--school", metavar="ID", help="Only this school.")]


def template(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    window: WindowName,
    *,
    out: Out,
    school: School = None,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Write the forms of a window, or of a school's team, to fill in: a workbook and its CSV twin a school."""
    from aimline.context import open_context
    from aimline.sources.template_files import csv_text, write_workbook

    context = open_context(deployment, as_of=as_of, state=state, needs=())
    forms = list(_forms(context, window, school))
    out.mkdir(parents=True, exist_ok=True)
    written: list[dict[str, Any]] = []
    for form in forms:
        stem = f"{form.slot.window_id}_{form.slot.school_year}_{form.slot.school_id}"
        write_workbook(form, context.clock.as_of, out / f"{stem}.xlsx")
        (out / f"{stem}.csv").write_text(csv_text(form, context.clock.as_of), encoding="utf-8", newline="")
        names = [f"{stem}.xlsx", f"{stem}.csv"]
        told = {"school_id": form.slot.school_id, "template_id": form.template_id, "n_rows": len(form.given)}
        written.append(told | {"files": names})
    if as_json:
        say_json({"deployment": context.deployment.name, "window_id": window, "out": str(out), "forms": written})
    else:
        say(f"{number_of(len(forms), 'form')} of {window} in {out}, each as a workbook and as CSV.")
        for each in written:
            say(f"{each['school_id']}: {', '.join(each['files'])}")
    return 0


def _forms(context: "Context", window_id: str, school: str | None) -> Iterator[Form]:
    """Yield the form of each school that is asked for.

    Raises:
        UsageError: There is no such window, it asks for no form, or there is no such school.
    """
    from aimline.arrival import school_year_of
    from aimline.commands._history import history_of
    from aimline.warehouse import connect

    deployment = context.deployment
    school_year = _year_of(context, window_id, school_year_of(context.clock.as_of))
    window = window_of(deployment, window_id, school_year)
    newest = history_of(context.journal).newest
    paths = {name: _paths(context, newest, name) for name in ("schools", "rooms")}
    with connect(role="memory") as connection:
        for school_id in _schools(connection, paths["schools"], school):
            rooms = rooms_of(connection, paths["rooms"], school_id)
            most = window.sample.rooms_per_school if window and window.sample else len(rooms)
            slot = Slot(deployment.district.district_id, window_id, school_year, school_id)
            form = form_for(deployment, slot, _sampled(slot, rooms, most))
            if form is None:
                message = f"{window_id} asks for no form: it is of no walkthrough, rubric or activity."
                raise UsageError(message, remedy="Name a window of walkthroughs, rubric ratings or activities.")
            yield form


def _year_of(context: "Context", window_id: str, school_year: int) -> int:
    """Return the school year of the day where it has the window, else the nearest later one that has."""
    declared = context.deployment.years
    years = sorted(
        year for year in declared if window_id in TEAM_FORMS or window_of(context.deployment, window_id, year)
    )
    if not years:
        known = sorted({each.id for year in declared.values() for each in year.windows})
        remedy = f"Windows: {', '.join(known) or 'none'}. Forms of a school's team: {', '.join(TEAM_FORMS)}."
        raise UsageError(f"there is no window '{window_id[:60]}'.", remedy=remedy)
    return next((year for year in years if year >= school_year), years[-1])


def _paths(context: "Context", newest: Any, entity: str) -> list[str]:
    return [
        str(context.store.path(key)) for key in sorted({key for (name, _, _), key in newest.items() if name == entity})
    ]


def _schools(connection: Any, paths: Sequence[str], school: str | None) -> list[str]:
    """Return the schools of the accepted lists, or the one that is asked for."""
    from aimline.warehouse import quote_literal

    if not paths:
        if school is not None:
            return [school]
        raise UsageError("no list of schools was accepted yet.", remedy="Collect one, or name a school with --school.")
    listed = ", ".join(map(quote_literal, paths))
    query = (
        f"select distinct school_id from read_parquet([{listed}], hive_partitioning = false) where closes_on is null"
    )
    known = sorted(row["school_id"] for row in connection.rows(query))
    if school is not None and school not in known:
        raise UsageError(f"there is no school '{school[:40]}'.", remedy=f"Schools: {', '.join(known[:20])}.")
    return [school] if school is not None else known


def _sampled(slot: Slot, rooms: Sequence[str], most: int) -> list[str]:
    """Return the rooms to be visited: drawn by the window and the room alone, so that a second issue draws the same."""
    drawn = sorted(rooms, key=lambda room: sha256(f"{slot.window_id}.{slot.school_year}.{room}".encode()).hexdigest())
    return sorted(drawn[:most])
