"""Leave a note of the night beside its run in Prefect. An observer: the night is over when it looks on."""

from prefect.artifacts import create_markdown_artifact

from aimline.ledger.nights import NightFacts
from flows._runtime import Tonight


def leave_note(night: Tonight) -> None:
    """Write the night's summary as an artifact of the flow run."""
    facts = night.facts()
    create_markdown_artifact(
        markdown=note(night.night.subject_id, facts), key=f"night-{night.night.district_id}".replace("_", "-")
    )


def note(title: str, facts: NightFacts) -> str:
    """Return the summary in Markdown: what came, what was set aside, what was made, what somebody must see to."""
    rows = [
        ("windows moved", ", ".join(facts.moved)),
        ("windows restated", ", ".join(facts.restated)),
        ("windows blocked", ", ".join(facts.blocked)),
        ("calendar missing", ", ".join(facts.missing_years)),
        ("batches accepted", len(facts.batches)),
        ("tables declared", len(facts.declared)),
        ("batches held", ", ".join(facts.held)),
        ("feeds late", ", ".join(facts.late)),
        ("rows quarantined", facts.n_quarantined),
        ("school days made anew", facts.n_touched_days),
        ("findings", "; ".join(facts.findings)),
        ("reviews frozen", ", ".join(facts.reviews)),
        ("alerts", len(facts.alerts)),
        ("build", facts.build_id),
        ("release", facts.release_id),
    ]
    lines = [f"| {name} | {value} |" for name, value in rows if value]
    return "\n".join([f"## {title}", "", "| what | tonight |", "| --- | --- |", *lines, ""])
