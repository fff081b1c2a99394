"""Find what people decided of deliveries and ``sources.yml`` does not say yet, so that its next reader knows."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from aimline.commands._patching import patched

if TYPE_CHECKING:
    from aimline.errors import Finding
    from aimline.settings import Judged


def undeclared_findings(judged: "Judged", state: str | None, today: date) -> "list[Finding]":
    """Return a warning for every decision in force that ``sources.yml`` does not say; none without a state root.

    Args:
        judged: The deployment as it was judged.
        state: The state root; the environment's or the default one when None.
        today: An absence that has ended is no longer in force.
    """
    from aimline.settings import state_root

    declared, sources = judged.as_read, judged.facts.sources
    if declared is None or sources.shape is None:
        return []
    root = state_root(declared, state)
    if not (root / "ledger" / "journal.db").is_file():
        return []
    from aimline.journal import open_journal
    from aimline.storage import open_store

    journal = open_journal(open_store(root))
    events = journal.events("accept_recorded")
    journal.close()
    text = (judged.folder / "sources.yml").read_text(encoding="utf-8")
    places = {source.source_id: number for number, source in enumerate(sources.shape.sources)}
    found = []
    for event in events:
        source_id = event.payload["source_id"]
        if source_id not in places:
            continue
        for words, option, decision in _each(event.payload, today):
            if patched(text, source_id, decision) == patched(text, source_id, {}):
                continue
            message = f"by a decision of {event.as_of} {words}, and the file does not say so."
            remedy = f"Run aimline accept {judged.folder.name} {event.payload['batch_id'][:8]} {option} "
            remedy += "--by PERSON --reason TEXT --write, or write it here."
            path = ("sources", places[source_id])
            found.append(sources.finding(path, message, remedy, severity="warning", code="mapping_not_in_file"))
    return found


def _each(told: Mapping[str, Any], today: date) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield the words, the option of the command and the decision itself, one by one."""
    for new, old in told.get("mapping", {}).items():
        yield f"'{new[:60]}' stands for {old}", f'--mapping "{new}={old}"', {"mapping": {new: old}}
    for column, codes in told.get("codes", {}).items():
        for raw, code in codes.items():
            decision = {"codes": {column: {raw: code}}}
            yield f"code '{raw[:60]}' of {column} is {code}", f'--code "{column}:{raw}={code}"', decision
    for column, until in told.get("absent", {}).items():
        if date.fromisoformat(until) >= today:
            option = f"--absent {column} --until {until}"
            yield f"{column} may be absent until {until}", option, {"absent": {column: until}}
