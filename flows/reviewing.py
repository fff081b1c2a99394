"""Freeze the evidence of a review on its day. A step of the night and a flow of its own, for one review if asked."""

from dataclasses import replace
from datetime import date

from prefect.logging import get_logger

from aimline.errors import AimlineError
from flows._runtime import Did, StepDone, Tonight, named_flow, step, tonight
from schemas.years import ReviewName


@step("review")
def freeze_evidence(tonight: Tonight) -> Did:
    """Freeze what the current release shows for every review whose packet is due; record decisions."""
    from aimline.commands.reviews import freeze_reviews

    report = freeze_reviews(tonight.context, only=tonight.review)
    return Did("done" if report.frozen else "not_due", report)


@step("review")
def tell_causes(tonight: Tonight) -> Did:
    """Say why official figures are others now, where nobody said it of what they are now.

    No review waits for it: what cannot be told tonight is tried again on the night of the next one.
    """
    from aimline.ledger.restating import Of, tell

    context = tonight.context
    of = Of(context.deployment.district.district_id, context.deployment.district.time_zone)
    try:
        n_told = tell(context.store, context.journal, of, context.clock.instant())
    except AimlineError as error:
        get_logger("aimline").warning("causes of restated figures were not told: %s", error.message)
        return Did("unchanged")
    return Did("done" if n_told else "unchanged", n_told)


@step("review")
def finish_packets(tonight: Tonight) -> Did:
    """Say in the journal which release holds the packet pages."""
    from aimline.commands.reviews import packets_built
    from aimline.ledger.releases import current

    release = current(tonight.context.store)
    return Did("done", packets_built(tonight.context, release.release_id) if release else None)


@named_flow
def reviewing(
    deployment: str, as_of: date | None = None, state: str | None = None, review: ReviewName | None = None
) -> StepDone:
    """Freeze the evidence of every review that is due, or of one.

    Args:
        deployment: Name of the district's folder, or its path.
        as_of: The day to work as; today in the district's zone when None.
        state: The state root; the environment's or the default one when None.
        review: The one review; every one that is due when None.
    """
    with tonight(deployment, as_of, state) as night:
        return freeze_evidence(replace(night, review=review))
