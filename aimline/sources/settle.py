"""Judge which offers are whole: equal in several looks, or announced by a marker; the caller looks and waits."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aimline.sources.base import Offer

if TYPE_CHECKING:
    from schemas.sources import Settle


@dataclass(frozen=True)
class Looked:
    """What looking at a place found: offers that are whole, and (code, name) of those that are not."""

    whole: tuple[Offer, ...]
    troubles: tuple[tuple[str, str], ...] = ()


def by_marker(rule: "Settle", offers: Iterable[Offer], names: Iterable[str]) -> Looked:
    """Return the offers whose marker is there, and what is there of a pair alone.

    Args:
        rule: As declared, with a marker.
        offers: What waits.
        names: Every name at the place.
    """
    there = set(names)
    template = rule.marker or ""
    whole, troubles, markers = [], [], set()
    for offer in offers:
        marker = template.replace("{name}", offer.name)
        markers.add(marker)
        if marker in there:
            whole.append(offer)
        else:
            troubles.append(("file_without_marker", offer.name))
    before, _, after = template.partition("{name}")
    for name in sorted(there - markers):
        is_marker = name.startswith(before) and name.endswith(after) and "{name}" in template and (before or after)
        if is_marker and name[len(before) : len(name) - len(after)] not in there:
            troubles.append(("marker_without_file", name))
    return Looked(tuple(whole), tuple(troubles))


def by_looks(first: Mapping[str, str], offers: Iterable[Offer]) -> Looked:
    """Return the offers that are what they were in an earlier look: name -> size and version."""
    whole, troubles = [], []
    for offer in offers:
        if first.get(offer.name) == seen(offer):
            whole.append(offer)
        else:
            troubles.append(("half_written", offer.name))
    return Looked(tuple(whole), tuple(troubles))


def seen(offer: Offer) -> str:
    """Return what one look at an offer shows of it."""
    return f"{offer.size}:{offer.version}"
