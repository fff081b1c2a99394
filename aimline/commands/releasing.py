"""``aimline release approve``: a named person answers for what the gate refused, for some days and with a reason."""

from datetime import date
from typing import Annotated

import typer

from aimline.commands._shared import AsOf, DeploymentName, State, as_day, say

ReleaseId = Annotated[str, typer.Argument(metavar="RELEASE_ID", help="The release that was refused.")]
Target = Annotated[str, typer.Option("--target", metavar="CELL_ID", help="What it was refused for.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers for it; not who ran the night.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")]
Expires = Annotated[date, typer.Option("--expires", metavar="DATE", parser=as_day, help="Until when; at most 30 days.")]


def approve(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    release_id: ReleaseId,
    *,
    target: Target,
    by: By,
    reason: Reason,
    expires: Expires,
    as_of: AsOf = None,
    state: State = None,
) -> int:
    """Approve one target of a refused release, so that publishing it again may pass.

    Only a narrow interval, a small pool or an undecided target can be approved: never what is known exactly or to be
    all or none, and never a small group on a public page.
    """
    from aimline.context import open_context
    from aimline.errors import UsageError
    from aimline.ledger.approvals import Approval
    from aimline.ledger.approvals import approve as approve_target

    if not by.strip() or not reason.strip():
        raise UsageError("--by and --reason must say something.", remedy="Name the person, and why.")
    context = open_context(deployment, as_of=as_of, state=state)
    approval = Approval(release_id, target, by.strip(), reason.strip(), expires)
    approve_target(context.store, context.journal, approval, (context.clock.as_of, context.clock.instant()))
    say(f"{by.strip()} answers for one target of release {release_id} until {approval.expires}.")
    say("Publish again; the approval stands in the release's manifest and in the journal.")
    return 0
