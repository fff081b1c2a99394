"""The verb ``explain``: one figure from the page back to the files it is made of."""

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, say, say_json, say_table

if TYPE_CHECKING:
    from aimline.ledger.explain import Delivery, Explained

_SHOWN = 12
_FILES = ("entity", "source", "files", "first", "last", "rows")

Figure = Annotated[str, typer.Argument(metavar="FIGURE", help="The id of a figure, as pages have it: fig_...")]


def explain(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    figure: Figure,
    *,
    as_of: AsOf = None,
    as_json: AsJson = False,
    state: State = None,
) -> int:
    """Explain one figure: what was counted, by which definition, made by which tables, from which deliveries."""
    from aimline.context import open_context
    from aimline.ledger.explain import explain as explained

    context = open_context(deployment, as_of=as_of, state=state)
    found = explained(context.store, context.journal, figure, as_of)
    print("Small groups are not hidden here: not for publication.", file=sys.stderr)  # noqa: T201
    if as_json:
        say_json(asdict(found))
    else:
        _tell(found)
    return 0


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
