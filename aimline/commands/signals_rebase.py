"""The verb ``rebase``: show where a level has settled elsewhere, or let a series begin anew by a person's word."""

from datetime import date
from typing import Annotated, Any

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, Format, State, as_day, say, say_json, say_table
from aimline.errors import UsageError

REBASED = "signals_rebased"
COLUMNS = ("indicator_id", "unit_id", "from_on", "n_periods", "level_before", "level_now")

IndicatorId = Annotated[str | None, typer.Option("--indicator", metavar="ID", help="The indicator.")]
UnitId = Annotated[str | None, typer.Option("--unit", metavar="ID", help="The school.")]
From = Annotated[
    date | None, typer.Option("--from", metavar="DATE", parser=as_day, help="From which day the level begins anew.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
Ref = Annotated[str, typer.Option("--ref", metavar="ID", help="The cycle or decision that explains the new level.")]
By = Annotated[str | None, typer.Option("--by", metavar="PERSON", help="Who says so: a code, not a name.")]


def rebase(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    indicator: IndicatorId = None,
    unit: UnitId = None,
    from_on: From = None,
    reason: Reason = "",
    ref: Ref = "",
    by: By = None,
    form: Format = "table",
    as_json: AsJson = False,
    as_of: AsOf = None,
    state: State = None,
) -> int:
    """Show where a level has settled elsewhere; or, with --indicator and --unit, let a series begin anew."""
    from aimline.context import open_context

    context = open_context(deployment, as_of=as_of, state=state)
    form = "json" if as_json else form
    if indicator is None and unit is None:
        _say_proposals(context, form)
        return 0
    asked = {"indicator_id": indicator, "unit_id": unit, "from_on": from_on, "by": by, "reason": reason.strip()}
    missing = [name for name, value in asked.items() if not value]
    if missing:
        options = ", ".join("--" + name.removesuffix("_id").removesuffix("_on") for name in missing)
        raise UsageError(f"a rebase needs {options}.", remedy="A person names the series, the day and the reason.")
    _write_down(context, {**asked, "from_on": str(from_on), "ref": ref})
    if form == "json":
        say_json({"rows": [{**asked, "from_on": str(from_on), "ref": ref}], "summary": {"n": 1}, "notes": []})
    else:
        say(f"{indicator} at {unit} begins anew on {from_on}: {reason.strip()}")
    return 0


def _write_down(context: Any, payload: dict[str, Any]) -> None:
    """Write the rebase into the journal.

    Raises:
        UsageError: It is refused: the series is unknown, or it would hide a worsening.
    """
    from aimline.journal import Event
    from aimline.signals import fold_states
    from aimline.signals.rebase import REFUSED, SETTLED, hides_a_worsening

    indicator_id, unit_id, day = payload["indicator_id"], payload["unit_id"], context.clock.as_of
    declared = context.deployment.indicators.indicator(indicator_id)
    if declared is None or declared.tested_periods not in SETTLED:
        every = context.deployment.indicators.indicators
        known = [each.indicator_id for each in every if each.tested_periods in SETTLED]
        raise UsageError(
            f"indicator '{indicator_id[:48]}' is not tested against its own level.",
            remedy=f"Tested are: {', '.join(known) or 'none'}.",
        )
    schools = [school for each in context.deployment.district.clusters for school in each.schools]
    if schools and unit_id not in schools:
        raise UsageError(f"there is no school '{unit_id[:32]}'.", remedy=f"Schools are: {', '.join(sorted(schools))}.")
    if payload["from_on"] > day.isoformat():
        raise UsageError(f"--from {payload['from_on']} is after {day}.", remedy="Give a day that has passed.")
    states = fold_states(context.journal.alert_events(), day)
    if hides_a_worsening(states, indicator_id, unit_id) and not payload["ref"]:
        raise UsageError(REFUSED)
    key = "|".join((REBASED, indicator_id, unit_id, payload["from_on"], day.isoformat()))
    event = Event(REBASED, f"{indicator_id}|{unit_id}", day, key, payload, context.run_id)
    context.journal.append([event], at=context.clock.instant())


def _say_proposals(context: Any, form: str) -> None:
    from aimline.signals.rebase import proposals
    from aimline.transform import WAREHOUSE
    from aimline.warehouse import connect

    if not context.store.exists(WAREHOUSE):
        raise UsageError("nothing was built yet.", remedy=f"Run aimline build {context.deployment.name}.")
    with connect(context.store.path(WAREHOUSE), role="build", read_only=True) as connection:
        series = connection.rows("select * from int_signals__series")
        tests = connection.rows("select * from fct_signal_tests")
    rows = [[getattr(each, name) for name in COLUMNS] for each in proposals(series, tests)]
    if form == "json":
        say_json(
            {"rows": [dict(zip(COLUMNS, row, strict=True)) for row in rows], "summary": {"n": len(rows)}, "notes": []}
        )
        return
    say(f"{len(rows)} to propose; none is done by itself.")
    if rows:
        say_table(COLUMNS, rows)
