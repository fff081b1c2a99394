"""Tell where an edition is no longer what was asked with it: its items were frozen at their first use."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from aimline._declared_files import Loaded
    from aimline.errors import Finding
    from aimline.journal import Event
    from aimline.settings import Judged
    from schemas.instruments import InstrumentFile

_REMEDY = "Start a new edition and add a crosswalk line."


def first_uses(events: "Iterable[Event]") -> dict[str, "Event"]:
    """Return the step by which each instrument was first asked with: ``instrument_id@edition`` -> its window opened."""
    found: dict[str, Event] = {}
    for event in events:
        if event.payload["to_state"] == "open" and "edition_digest" in event.payload:
            found.setdefault(event.payload["instrument"], event)
    return found


def changed_editions(judged: "Judged", state: str | None, day: "date") -> "list[Finding]":
    """Return what changed in instruments since they were first asked with; nothing without a state root.

    Args:
        judged: The deployment as it was judged.
        state: The state root; the environment's or the default one when None.
        day: What was asked later is not known yet.
    """
    from aimline.commands._dated import store_of

    store = store_of(judged.as_read, state) if judged.as_read else None
    if store is None:
        return []
    from aimline.journal import open_journal

    journal = open_journal(store)
    uses = first_uses(journal.events("window_transition", until=day))
    journal.close()
    return [
        finding
        for loaded in judged.facts.instruments
        if loaded.shape and (use := uses.get(loaded.shape.key))
        for finding in _findings(loaded, loaded.shape, use.payload.get("items") or {}, use.as_of)
    ]


def _findings(
    loaded: "Loaded[InstrumentFile]", shape: "InstrumentFile", frozen: Mapping[str, Any], since: "date"
) -> "Iterator[Finding]":
    """Yield each item that is not what it was; nothing where the items were not written down."""
    from schemas.editions import item_digests

    if not frozen:
        return
    now = item_digests(shape)
    for number, item in enumerate(shape.items):
        before = frozen.get(item.item_id)
        if before is None:
            message = f"'{item.item_id}' was added since first use on {since}."
            yield loaded.finding(("items", number), message, _REMEDY, code="edition_changed")
            continue
        parts = [name for name, told in now[item.item_id].items() if before.get(name) != told]
        if parts:
            message = f"{' and '.join(parts)} changed since first use on {since}."
            yield loaded.finding(("items", number), message, _REMEDY, code="edition_changed")
    for item_id in sorted(set(frozen) - set(now)):
        message = f"'{item_id}' was taken out since first use on {since}."
        yield loaded.finding(("items",), message, _REMEDY, code="edition_changed")
