"""Freeze the evidence of a review on its day. The same function is a step of the night and a flow of its own."""

from flows._runtime import Did, Tonight, on_demand, step


@step("review")
def freeze_evidence(tonight: Tonight) -> Did:
    """Freeze what the current release shows for every review whose packet is due; record decisions."""
    from aimline.commands.reviews import freeze_reviews

    report = freeze_reviews(tonight.context)
    return Did("done" if report.frozen else "not_due", report)


@step("review")
def finish_packets(tonight: Tonight) -> Did:
    """Say in the journal which release holds the packet pages."""
    from aimline.commands.reviews import packets_built
    from aimline.ledger.releases import current

    release = current(tonight.context.store)
    return Did("done", packets_built(tonight.context, release.release_id) if release else None)


reviewing = on_demand(freeze_evidence)
