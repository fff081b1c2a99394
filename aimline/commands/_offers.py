"""Look at the places deliveries come from: what is whole, what is half there, what has come by another name."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aimline.arrival import looks_like
from aimline.clock import sleep
from aimline.context import Context
from aimline.errors import SourceError
from aimline.journal import Event
from aimline.sources import FolderSource, Looked, Offer, by_looks, by_marker, open_source, seen
from schemas.faults import FAULTS

if TYPE_CHECKING:
    from aimline.arrival import Bench
    from aimline.sources import Source as Place
    from schemas.sources import Source

_MOST_STRANGERS = 50
_READ = (".csv", ".txt", ".tsv", ".xlsx")


@dataclass(frozen=True)
class Eyes:
    """What looking needs: the run, the sources in force, what was seen before (``source:name`` -> size and version)."""

    context: Context
    sources: "Sequence[Source]"
    looks: Mapping[str, str]

    def place(self, source: "Source") -> "Place":
        """Open the place of a source.

        Raises:
            SourcePermanentError: It is not there.
        """
        return open_source(source.transport, state=self.context.store.root, deployment=self.context.deployment.folder)


def first_looks(eyes: Eyes, known: set[str]) -> dict[str, dict[str, str]]:
    """Look at the places that ask for several looks, as often as they ask; one wait serves all of them.

    Args:
        eyes: What looking needs.
        known: Keys of offers that were received before.

    Returns:
        Source -> name -> what an earlier look showed, of offers that stayed as they were until the last but one look.
    """
    asked = [each for each in eyes.sources if each.transport.settle and not each.transport.settle.marker]
    found = {source.source_id: _look(eyes, source, known) for source in asked}
    for number in range(max((each.transport.settle.checks for each in asked if each.transport.settle), default=0) - 2):
        waiting = [each for each in asked if each.transport.settle and each.transport.settle.checks - 2 > number]
        _wait(waiting, found, eyes)
        for source in waiting:
            now = _look(eyes, source, known)
            before = found[source.source_id]
            found[source.source_id] = {name: each for name, each in now.items() if before.get(name) == each}
    _wait(asked, found, eyes)
    return found


def _look(eyes: Eyes, source: "Source", known: set[str]) -> dict[str, str]:
    try:
        with closing(eyes.place(source)) as place:
            offers = list(place.discover())
    except SourceError:  # told when the source is collected
        return {}
    return {offer.name: seen(offer) for offer in offers if offer_key(source, offer) not in known}


def _wait(sources: "Iterable[Source]", found: Mapping[str, Mapping[str, str]], eyes: Eyes) -> None:
    """Wait until the next look of those that have something nobody saw in an earlier run."""
    fresh = [
        source.transport.settle.every_s
        for source in sources
        if source.transport.settle
        and any(eyes.looks.get(f"{source.source_id}:{name}") != each for name, each in found[source.source_id].items())
    ]
    if longest := max(fresh, default=0):
        sleep(longest)


def whole_offers(place: "Place", source: "Source", earlier: Mapping[str, str]) -> Looked:
    """Return the offers at the place of a source that are whole.

    Args:
        place: Its place.
        source: The source.
        earlier: Name -> what an earlier look of this run showed.

    Raises:
        SourceError: The place cannot be looked at.
    """
    offers = list(place.discover())
    rule = source.transport.settle
    if rule is None:
        return Looked(tuple(offers))
    if rule.marker:
        return by_marker(rule, offers, place.names())
    return by_looks(earlier, offers)


def offer_key(source: "Source", offer: Offer) -> str:
    """Return what names an offer in the journal: equal keys are one offer."""
    return f"received:{source.source_id}:{offer.name}:{offer.version}"


def alarm(code: str, source_id: str, name: str, detail: str = "") -> dict[str, Any]:
    """Return one thing that is wrong with a file nobody has read."""
    fault = FAULTS[code]
    told = {"code": code, "source_id": source_id, "name": name}
    return told | {"detail": detail or fault.meaning, "remedy": fault.remedy}


def strangers(eyes: Eyes, bench: "Bench") -> list[dict[str, Any]]:
    """Return an alarm for every file in a drop folder that no pattern asks for and that looks like an expected feed."""
    by_folder: dict[str, list[Source]] = {}
    for source in eyes.sources:
        if source.transport.kind == "local" and "/" not in "".join(source.transport.match):
            by_folder.setdefault(source.transport.url, []).append(source)
    alarms = []
    for sources in by_folder.values():
        alarms += _strangers_of(eyes, sources, {each.source_id: bench.items(each) for each in sources})
    return alarms


def _strangers_of(
    eyes: Eyes, sources: "Sequence[Source]", items: Mapping[str, Mapping[str, str]]
) -> list[dict[str, Any]]:
    try:
        places = [eyes.place(source) for source in sources]
    except SourceError:
        return []
    folder = places[0].folder if isinstance(places[0], FolderSource) else None
    if folder is None or not folder.is_dir():
        return []
    asked = [pattern for place in places if isinstance(place, FolderSource) for pattern in place.patterns]
    names = [name for name in sorted(places[0].names()) if name.lower().endswith(_READ)]
    unasked = [name for name in names if all(pattern.facts(name) is None for pattern in asked)]
    alarms = []
    for name in unasked[:_MOST_STRANGERS]:
        path = folder / name
        if path.is_symlink() or not path.is_file() or name.startswith((".", "~")):
            continue
        if (found := looks_like(path, sources, items)) is not None:
            detail = f"{name} looks like {found.source_id} ({found.n_same} of {found.n_needed} columns)"
            alarms.append(alarm("file_renamed", found.source_id, name, detail))
    return alarms


def unsettled_event(context: Context, source: "Source", offer: Offer) -> Event:
    """Return the event that one look at an unfinished file was taken: the next run compares with it."""
    payload = {"source_id": source.source_id, "name": offer.name, "seen": seen(offer)}
    key = f"offer_unsettled:{source.source_id}:{offer.name}:{seen(offer)}"
    return Event("offer_unsettled", source.source_id, context.clock.as_of, key, payload, context.run_id)


def alarm_event(context: Context, told: Mapping[str, Any]) -> Event:
    """Return the event of an alarm; the same alarm of the same day is one event."""
    key = f"arrival_alarm:{told['source_id']}:{told['code']}:{told['name']}:{context.clock.as_of}"
    return Event("arrival_alarm", told["source_id"], context.clock.as_of, key, dict(told), context.run_id)
