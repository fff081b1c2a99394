"""The verb ``digest``: the alerts of the week as one audience reads them, sent, or filed to be looked at first."""

from typing import Annotated, Any, Literal

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, say_json, say_table
from aimline.errors import DeliveryError, UsageError

AudienceId = Annotated[str, typer.Option("--audience", metavar="AUDIENCE", help="Whose digest.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Write the letters as .eml files, and send none.")]
Form = Annotated[Literal["table", "json"], typer.Option("--format", metavar="FORMAT", help="table or json.")]

COLUMNS = ("audience_id", "unit_id", "n_alerts", "file")


def digest(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    audience: AudienceId,
    dry_run: DryRun = False,
    form: Form = "table",
    as_json: AsJson = False,
    as_of: AsOf = None,
    state: State = None,
) -> int:
    """Send an audience the digest of its alerts, each recipient once a day; or write it down to be read first."""
    from aimline.context import open_context
    from aimline.ledger.releases import current
    from reports.digesting import digests_of, send_digest

    form = "json" if as_json else form
    context = open_context(deployment, as_of=as_of, state=state)
    declared = {each.audience_id: each for each in context.deployment.audiences.audiences}
    if audience not in declared:
        raise UsageError(f"there is no audience '{audience[:40]}'.", remedy=f"There are: {', '.join(declared)}.")
    release = current(context.store)
    if release is None:
        raise UsageError("nothing was published yet.", remedy=f"Run aimline publish {deployment}.")
    if dry_run:
        rows = [_filed(context, each) for each in digests_of(context, release, declared[audience])]
        _print(COLUMNS, rows, form)
        return 0
    if declared[audience].alerts is None:
        raise UsageError(
            f"audience '{audience}' has no alerts: in audiences.yml.", remedy="Declare them; or --dry-run."
        )
    reports = [each.told() for each in send_digest(context, release, declared[audience])]
    heads = ("channel", "sent", "skipped", "failed", "note")
    _print(heads, [[*list(each.values())[:4], " ".join(each["notes"])] for each in reports], form)
    return DeliveryError.exit_code if any(each["failed"] for each in reports) else 0


def _filed(context: Any, digest: Any) -> list[Any]:
    """Write a digest as a letter to nobody."""
    from reports.channels import Recipient
    from reports.channels.email import letter_of

    facts = context.deployment
    sender, district = facts.audiences.site.contact, facts.district.district_id
    letter = letter_of(digest.message, Recipient(digest.unit_id), sender, district, context.clock.instant())
    key = f"outbox/{digest.audience_id}/digest_{digest.unit_id}_{context.clock.as_of}.eml"
    context.store.put_atomic(key, letter.as_bytes())
    return [digest.audience_id, digest.unit_id, digest.n_alerts, key]


def _print(columns: tuple[str, ...], rows: list[list[Any]], form: str) -> None:
    if form == "json":
        say_json(
            {"rows": [dict(zip(columns, row, strict=True)) for row in rows], "summary": {"n": len(rows)}, "notes": []}
        )
        return
    say_table(columns, rows)
