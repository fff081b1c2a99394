"""The verb ``calendar``: the dated items of a year, as a table, as JSON, or for people's own calendars."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from aimline.commands._answers import Look, answered
from aimline.commands._planning import kept_of, tell_errors, today, year_asked
from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, Year, number_of, say, say_json, say_table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aimline.commands._planning import Kept
    from aimline.schedule import FrozenPlan, Item
    from aimline.settings import Deployment

Owner = Annotated[str | None, typer.Option("--owner", metavar="ROLE", help="Only what this role answers for.")]
School = Annotated[str | None, typer.Option("--school", metavar="ID", help="Only what concerns this school.")]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="Only this kind; some are shown only so.")]
Version = Annotated[int | None, typer.Option("--version", metavar="N", help="This frozen version, not the newest.")]
CalendarFormat = Annotated[
    Literal["table", "json", "ics"], typer.Option("--format", metavar="FORMAT", help="table, json or ics.")
]

KEYS = (
    *("id", "kind", "opens_on", "closes_on", "due_on", "owner"),
    *("depends_on", "slack_school_days", "rule", "frozen_version"),
)
"""What is told of an item, in this order."""

DECIDED = frozenset({"decision_due", "decision_revisit"})
"""The days of what was decided, by their kinds."""


def calendar(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    year: Year = None,
    *,
    owner: Owner = None,
    school: School = None,
    kind: Kind = None,
    version: Version = None,
    as_of: AsOf = None,
    form: CalendarFormat = "table",
    as_json: AsJson = False,
    state: State = None,
) -> int:
    """Print the dated items of a year: windows with their steps, reviews, meetings of the board.

    What a review decided has its dates among them; plan steps and deliveries are shown when their kind is asked for.
    """
    asked = _Asked(year, version, as_of, state, (owner, school, kind), "json" if as_json else form)
    look = Look(deployment, as_of, state, ("calendar", year, version, owner, school, kind, asked.form))
    return answered(look, lambda: _shown(deployment, asked))


@dataclass(frozen=True)
class _Asked:
    """What was asked of the calendar: which year and version, as of which day, of whom, in which form."""

    year: int | None
    version: int | None
    as_of: date | None
    state: str | None
    wanted: tuple[str | None, str | None, str | None]
    form: str


def _shown(deployment: str, asked: _Asked) -> int:
    """Work the calendar out and print it."""
    from aimline.schedule import of_heirs
    from aimline.schedule.rollover import banner
    from aimline.settings import load_deployment

    declared = load_deployment(deployment)
    day = asked.as_of or today(declared)
    school_year = year_asked(declared, asked.year, day)
    kept = kept_of(declared, asked.state, school_year, None if asked.version else day)
    history = kept.history
    version = asked.version
    plan = _version(history, school_year, version) if version else _newest(declared, school_year, day, kept)
    if not version:
        plan = _handed_on(plan, kept)
    _, school, kind = asked.wanted
    keep = _filter(declared, school_year, asked.wanted)
    if school:
        plan, history = _own_dates(declared, school, plan, history)
    if asked.form == "ics":
        _say_ics(declared, plan, history, keep)
        return 0
    others = of_heirs(_others(declared, school_year, kind), kept.heirs)
    items = [item for item in (*plan.items, *others) if keep(item)]
    if asked.form == "json":
        if warning := banner(declared.years[school_year]):
            typer.echo(warning, err=True)  # the keys of the JSON are what others read
        head = {"deployment": declared.name, "school_year": school_year, "as_of": day}
        head |= {"time_zone": declared.district.time_zone, "frozen_version": plan.version}
        say_json({**head, "items": [told_of(item) for item in _sorted(items)]})
        return 0
    _say_table(declared, plan, _sorted(items))
    return 0


def told_of(item: "Item") -> dict[str, Any]:
    """Return what JSON tells of an item."""
    return {name: getattr(item, name) for name in KEYS}


def _sorted(items: "Iterable[Item]") -> "list[Item]":
    return sorted(items, key=lambda item: (item.due_on or date.max, item.id))


def _version(history: "tuple[FrozenPlan, ...]", school_year: int, version: int) -> "FrozenPlan":
    """Return one frozen version.

    Raises:
        UsageError: There is none of this number.
    """
    from aimline.errors import UsageError

    found = next((each for each in history if each.version == version), None)
    if found is None:
        numbers = ", ".join(str(each.version) for each in history) or "none"
        raise UsageError(f"{school_year} has no version {version}.", remedy=f"Versions: {numbers}.")
    return found


def _newest(declared: "Deployment", school_year: int, day: date, kept: "Kept") -> "FrozenPlan":
    """Return the newest version, else the proposal."""
    from aimline.schedule import proposal

    if kept.history:
        return kept.history[-1]
    tell_errors(declared)
    return proposal(declared, school_year, day, kept.heirs)


def _handed_on(plan: "FrozenPlan", kept: "Kept") -> "FrozenPlan":
    """Return a version as it stands since schools changed hands; it is told as changed from that day."""
    from dataclasses import replace
    from datetime import UTC, datetime, time

    from aimline.schedule import handed_on

    handed = handed_on(plan, kept.heirs)
    if plan.version == 0 or handed == plan:
        return handed
    changed_at = datetime.combine(kept.changed_on or plan.as_of, time(), UTC)
    return replace(handed, frozen_at=max(changed_at, plan.frozen_at or changed_at))


def _own_dates(
    declared: "Deployment", school: str, plan: "FrozenPlan", history: "tuple[FrozenPlan, ...]"
) -> "tuple[FrozenPlan, tuple[FrozenPlan, ...]]":
    """Return the versions with the dates of one school where windows have dates of their own in every school."""
    from dataclasses import replace

    from aimline.schedule.own_dates import dates_for_school

    dated = dates_for_school(declared.years.values(), plan.school_year, school)
    own = (replace(each, items=tuple(dated(item) for item in each.items)) for each in (plan, *history))
    first, *others = own
    return first, tuple(others)


def _filter(
    declared: "Deployment", school_year: int, wanted: tuple[str | None, str | None, str | None]
) -> "Callable[[Item], bool]":
    """Return what says whether an item is of the role, the school and the kind asked for."""
    from aimline.schedule import asks_school

    owner, school, kind = wanted
    windows = {each.id: each for each in declared.years[school_year].windows}

    def keep(item: "Item") -> bool:
        window = windows.get(item.window_id or "")
        concerns = school is None or window is None or asks_school(window, school)
        elsewhere = bool(school and item.owner and ":" in item.owner and not item.owner.endswith(f":{school}"))
        return concerns and not elsewhere and owner in {None, item.owner} and kind in {None, item.kind}

    return keep


def _others(declared: "Deployment", school_year: int, kind: str | None) -> "list[Item]":
    """Return what has a date and is no part of the plan: what was decided, and deliveries and plan steps if asked."""
    from aimline.schedule import other_items

    wanted = {kind} if kind else DECIDED
    found = other_items(declared, with_arrivals=kind == "arrival")
    return [item for item in found if item.school_year == school_year and item.kind in wanted]


def _say_ics(
    declared: "Deployment", plan: "FrozenPlan", history: "tuple[FrozenPlan, ...]", keep: "Callable[[Item], bool]"
) -> None:
    import sys

    from aimline.schedule.ics import About, calendar_bytes
    from aimline.schedule.rollover import banner

    district = declared.district
    warning = banner(declared.years[plan.school_year])
    about = About(district.district_id, district.label["en"], district.time_zone, warning or "")
    sys.stdout.flush()
    sys.stdout.buffer.write(calendar_bytes(plan, history, about, keep))
    sys.stdout.buffer.flush()


def _say_table(declared: "Deployment", plan: "FrozenPlan", items: "list[Item]") -> None:
    from aimline.schedule.rollover import banner

    say(_heading(declared, plan.school_year))
    say(version_words(plan))
    if warning := banner(declared.years[plan.school_year]):
        say(warning)
    say()
    heads = ("due", "opens", "kind", "id", "what", "owner", "slack", "rule")
    say_table(heads, [_cells(item) for item in items])


def _cells(item: "Item") -> tuple[object, ...]:
    label = item.title.get("en", item.id)
    return item.due_on, item.opens_on, item.kind, item.id, label, item.owner, item.slack_school_days, item.rule


def version_words(plan: "FrozenPlan") -> str:
    """Say which version of a plan is shown."""
    if plan.version == 0:
        return "proposal: nothing is frozen"
    return f"version {plan.version}, frozen as of {plan.as_of} by {plan.frozen_by}: {plan.reason}"


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
