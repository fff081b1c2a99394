"""The verb ``explain``: one figure from the page back to its files, and why it differs between two days."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, as_day, say, say_json, say_table
from aimline.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aimline.context import Context
    from aimline.ledger.explain import Delivery, Explained
    from aimline.ledger.restate import Counts
    from aimline.ledger.restate import Restated as Differing
    from aimline.ledger.restating import Restatement

_SHOWN = 12
_FILES = ("entity", "source", "files", "first", "last", "rows")

_RESTATED = (
    *("figure_id", "measure_id", "unit_id", "period_id", "snapshot_id", "cause", "numerator_change"),
    *("denominator_change", "value", "value_change"),
)
_CAUSES = ("cause", "numerator_change", "denominator_change", "numerator", "denominator", "value", "value_change")

Days = Annotated[
    tuple[str, str] | None, typer.Option("--diff", metavar="A B", help="Why it differs: as known on day A, on day B.")
]
Figure = Annotated[str | None, typer.Argument(metavar="[FIGURE]", help="The id of a figure, as pages have it: fig_...")]
Restated = Annotated[
    bool, typer.Option("--restated", help="All official figures that are others now, and why; kept for the pages.")
]


def explain(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    figure: Figure = None,
    *,
    diff: Days = None,
    restated: Restated = False,
    as_of: AsOf = None,
    as_json: AsJson = False,
    state: State = None,
) -> int:
    """Explain one figure: what was counted, by which definition, from which files; or why it changed between days."""
    from aimline.context import open_context
    from aimline.ledger.explain import explain as explained

    if restated != (figure is None) or (restated and diff is not None):
        raise UsageError("one figure is explained, or all that were restated.", remedy="Give FIGURE, or --restated.")
    context = open_context(deployment, as_of=as_of, state=state)
    if figure is None:
        return _restatements(context, as_json=as_json)
    if diff is not None:
        return _differ(context, figure, diff, as_json=as_json)
    found = explained(context.store, context.journal, figure, as_of)
    print("Small groups are not hidden here: not for publication.", file=sys.stderr)  # noqa: T201
    if as_json:
        say_json(asdict(found))
    else:
        _tell(found)
    return 0


def _restatements(context: "Context", *, as_json: bool) -> int:
    """Tell every official figure that is another now, a row a cause, and keep it for the pages."""
    from aimline.ledger.restating import Of, keep, restatements

    district = context.deployment.district
    found = restatements(context.store, context.journal, Of(district.district_id, district.time_zone))
    n_told = keep(context.journal, found, context.clock.as_of, context.clock.instant())
    print("Small groups are not hidden here: not for publication.", file=sys.stderr)  # noqa: T201
    rows = [dict(zip(_RESTATED, cells, strict=True)) for each in found for cells in _parts(each)]
    if as_json:
        say_json({"figures": n_told, "restated": rows})
        return 0
    say_table(_RESTATED, [list(row.values()) for row in rows])
    say(f"{n_told} official {'figure is' if n_told == 1 else 'figures are'} another now.")
    return 0


def _parts(found: "Restatement") -> "Iterator[tuple[object, ...]]":
    """Yield a row for each cause of a figure, and at last the whole change."""
    from aimline.ledger.restate import Cause

    named = (found.figure_id, *(found.key[name] for name in ("measure_id", "unit_id", "period_id")), found.snapshot_id)
    whole = Cause("all", found.official, found.now)
    for each in (*found.causes, whole):
        before, after = each.before.value, each.after.value
        change = None if before is None or after is None else after - before
        yield (*named, each.cause, *(_number(part) for part in each.changes), after, change)


def _differ(context: "Context", figure: str, days: tuple[str, str], *, as_json: bool) -> int:
    """Tell what a figure was on two days, and which inputs changed it by how much."""
    from aimline.ledger.restate import Compared, restated

    first, last = (as_day(each) for each in days)
    district_id, zone = context.deployment.district.district_id, context.deployment.district.time_zone
    found = restated(context.store, context.journal, Compared(district_id, zone, figure, first, last))
    print("Small groups are not hidden here: not for publication.", file=sys.stderr)  # noqa: T201
    _told(figure, found, as_json=as_json)
    return 0


def _told(figure: str, found: "Differing", *, as_json: bool) -> None:
    rows = [dict(zip(_CAUSES, cells, strict=True)) for cells in _steps(found)]
    if as_json:
        ends = {"a": {"as_of": found.first, **_ends(found.before)}, "b": {"as_of": found.last, **_ends(found.after)}}
        say_json({"figure_id": figure, "key": dict(found.key)} | ends | {"causes": rows})
        return
    key = found.key
    say(f"{figure}: {key['measure_id']}, {key['unit_type']} {key['unit_id']}, {key['period_id']}")
    for day, counts in ((found.first, found.before), (found.last, found.after)):
        told = _ends(counts)
        value = "none" if told["value"] is None else told["value"]
        say(f"as of {day}  {told['numerator']} / {told['denominator']} = {value}")
    say()
    say_table(_CAUSES, [list(row.values()) for row in rows])


def _ends(counts: "Counts") -> dict[str, object]:
    numbers = {"numerator": counts.numerator, "denominator": counts.denominator}
    return {name: _number(value) for name, value in numbers.items()} | {"value": counts.value}


def _steps(found: "Differing") -> "Iterator[tuple[object, ...]]":
    """Yield a row for each cause, with what stood after it; changes of the value are taken of neighbouring values."""
    for each in found.causes:
        changes = [_number(change) for change in each.changes]
        before, after = each.before.value, each.after.value
        change = None if before is None or after is None else after - before
        yield (each.cause, *changes, *_ends(each.after).values(), change)


def _tell(found: "Explained") -> None:
    key, counted = found.key, found.counted
    named = [f"{key['unit_type']} {key['unit_id']}", f"{key['group_set_id']} {key['group_id']}", key["subject_id"]]
    say(f"{found.figure_id}: {key['measure_id']}, {', '.join(each for each in named if each)}")
    span = f"{counted['period_starts_on']} to {counted['period_ends_on']}"
    say(f"period      {key['period_kind']} {key['period_id']} of {key['school_year']}: {span}")
    whole = f"{_number(counted['numerator'])} / {_number(counted['denominator'])}"
    held = f", {counted['hold_reason']}" if counted["hold_reason"] else ""
    value = "none" if counted["value"] is None else repr(counted["value"])
    say(f"value       {whole} = {value} {counted['value_unit']} ({counted['quality_state']}{held})")
    version = f" (version {found.definition_version})" if found.definition_version else ""
    say(f"definition  {key['profile_id']}{version}: {found.definition or 'the only one of this measure'}")
    say(f"build       {counted['build_id']} as of {counted['as_of']}")
    say(f"made by     {', '.join(found.models)}")
    for each in found.sealed:
        whole = f"{_number(each['numerator'])} / {_number(each['denominator'])} = {each['value']}"
        since = ", restated since" if each["is_restated"] else ""
        say(f"sealed      {whole} in {each['snapshot_id']}, as of {each['as_of']}{since}")
    for each in found.shown:
        reader = f" {each['reader_unit_id']}" if each["reader_unit_id"] else ""
        say(f"shown       {each['value_text']} to {each['audience_id']}{reader} in {each['release_id']}")
    say()
    say_table(_FILES, _files(found.deliveries))


def _number(value: object) -> str:
    text = f"{value:f}" if value is not None else "none"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _files(deliveries: "tuple[Delivery, ...]") -> list[tuple[object, ...]]:
    """Return deliveries by entity and source: their number, the first and last file with its digest, their rows."""
    found: dict[tuple[str, str], list[Delivery]] = {}
    for each in deliveries:
        found.setdefault((each.entity, each.source_id), []).append(each)
    return [
        (*place, len(mine), *(f"{each.name} {each.sha256[:_SHOWN]}" for each in (mine[0], mine[-1])), _rows(mine))
        for place, mine in sorted(found.items())
    ]


def _rows(mine: "list[Delivery]") -> int:
    return sum(each.n_accepted for each in mine)
