"""The verb ``publish``: freeze a release, write its pages, hand them over. It prints; the work is elsewhere."""

from typing import Annotated, Any

import typer

from aimline.commands._shared import AsJson, AsOf, DeploymentName, State, number_of, say, say_json, say_table
from aimline.errors import DeliveryError

NoDeliver = Annotated[bool, typer.Option("--no-deliver", help="Publish, and hand nothing over.")]


def publish(  # noqa: PLR0913 - each is an option of the command line
    deployment: DeploymentName,
    *,
    no_deliver: NoDeliver = False,
    as_of: AsOf = None,
    state: State = None,
    as_json: AsJson = False,
) -> int:
    """Freeze a release of the day, pass the gate, write its pages, and hand them over."""
    from aimline.context import open_context
    from reports.publishing import publish as publish_release

    context = open_context(deployment, as_of=as_of, state=state)
    report = publish_release(context, is_delivered=not no_deliver)
    release = report.release
    if as_json:
        say_json({**release.manifest, "state": report.state, "delivered": [each.told() for each in report.deliveries]})
        return DeliveryError.exit_code if report.failed else 0
    before = release.manifest["previous_release_id"] or "nothing"
    say(f"{context.deployment.name}  as of {release.as_of}  release {release.release_id}  {report.state}")
    say(f"pages    {report.n_pages} in {number_of(len(release.manifest['site']['editions']), 'edition')}")
    say(f"gate     passed, policy {release.manifest['gate']['policy']}")
    say(f"current  {before} -> {release.release_id}")
    if report.deliveries:
        say()
        heads = ("channel", "sent", "skipped", "failed", "note")
        say_table(
            heads, [[*list(each.told().values())[:4], " ".join(each.told()["notes"])] for each in report.deliveries]
        )
    return DeliveryError.exit_code if report.failed else 0


def _cells(told: dict[str, Any]) -> list[object]:
    return [told["channel"], told["sent"], told["skipped"], told["failed"], " ".join(told["notes"])]
