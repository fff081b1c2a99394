"""Say how the editions of one instrument follow each other: which items stayed as they were, and which scales did.

What a scale or an item of a rubric measures is a definition. It goes on through a new edition that asks the same, and
ends where one asks something else: from there a new one begins.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from schemas.instruments import InstrumentFile, Item, Scale

Editions = Mapping[str, InstrumentFile]
"""Edition -> the file of one instrument."""


@dataclass(frozen=True)
class Definition:
    """What a subject of an edition measures, and the years that speak of it.

    Attributes:
        edition: The edition with which it began.
        first_year: The first school year of the overlap; None for the first definition there is.
        next_year: The first year of the definition that took its place; None while it holds.
    """

    edition: str
    first_year: int | None = None
    next_year: int | None = None


def by_instrument(files: Iterable[InstrumentFile]) -> dict[str, dict[str, InstrumentFile]]:
    """Return the editions of each instrument."""
    found: dict[str, dict[str, InstrumentFile]] = {}
    for each in files:
        found.setdefault(each.instrument_id, {})[each.edition] = each
    return found


def before(editions: Editions, edition: str) -> list[str]:
    """Return the editions an edition goes back to, the newest of them first; a circle is left where it closes."""
    found: list[str] = []
    name = editions[edition].replaces
    while name is not None and name in editions and name not in (*found, edition):
        found.append(name)
        name = editions[name].replaces
    return found


def exact_items(editions: Editions, later: str, earlier: str) -> dict[str, str]:
    """Return the items that stayed as they were from one edition to another: the later id -> the earlier one.

    A line of the later edition's crosswalk counts before what its predecessors say one after the other.
    """
    file = editions[later]
    if later == earlier:
        return {item.item_id: item.item_id for item in file.items}
    there = {item.item_id for item in editions[earlier].items}
    lines = [line for line in file.crosswalk if line.match == "exact"]
    found = {line.to: line.from_.item_id for line in lines if line.from_.edition == earlier}
    found = {to: origin for to, origin in found.items() if origin in there}
    path = before(editions, later)
    if earlier in path[1:]:
        step = {line.to: line.from_.item_id for line in lines if line.from_.edition == path[0]}
        rest = exact_items(editions, path[0], earlier)
        found = {to: rest[origin] for to, origin in step.items() if origin in rest} | found
    return found


def same_question(one: InstrumentFile, two: InstrumentFile, items: tuple[Item, Item]) -> str:
    """Return what sets two items apart: ``text``, ``options`` or ``direction``; nothing where they are the same."""
    first, second = items
    if first.text != second.text:
        return "text"
    if _options(one, first) != _options(two, second):
        return "options"
    return "direction" if first.reverse != second.reverse else ""


def definitions(editions: Editions) -> dict[tuple[str, str], Definition]:
    """Return the definition of each subject: (edition, scale, or item of a rubric) -> what it measures, and since when.

    A scale goes on where all its items do and it is scored by the same rules.
    """
    begun: dict[tuple[str, str], Definition] = {}
    for edition in sorted(editions, key=lambda name: len(before(editions, name))):
        file, path = editions[edition], before(editions, edition)
        for subject in subjects(file):
            former = begun.get((path[0], subject)) if path else None
            if former is not None and _goes_on(editions, (edition, path[0]), subject):
                begun[edition, subject] = former
            else:
                years = file.overlap_years if former else ()
                begun[edition, subject] = Definition(edition, min(years, default=None))
    return {key: _until(editions, begun, key) for key in begun}


def subjects(file: InstrumentFile) -> list[str]:
    """Return what an instrument has figures of: scales of a survey, items of a rubric or a walkthrough."""
    if file.kind == "survey":
        return [scale.scale_id for scale in file.scales]
    return [item.item_id for item in file.items]


def _until(editions: Editions, begun: Mapping[tuple[str, str], Definition], key: tuple[str, str]) -> Definition:
    """Return a definition with the year in which the next one begins, if there is one."""
    own, subject = begun[key], key[1]
    after = [
        each.first_year
        for (edition, name), each in begun.items()
        if name == subject and each.edition != own.edition and own.edition in before(editions, edition)
    ]
    return Definition(own.edition, own.first_year, min((year for year in after if year is not None), default=None))


def _goes_on(editions: Editions, pair: tuple[str, str], subject: str) -> bool:
    later, earlier = (editions[name] for name in pair)
    exact = exact_items(editions, *pair)
    if later.kind != "survey":
        return exact.get(subject) == subject
    one, two = (_scale(file, subject) for file in (earlier, later))
    same_items = [exact.get(name) for name in two.items]
    return (
        set(same_items) == set(one.items)
        and len(two.items) == len(one.items)
        and _rules(earlier, one) == _rules(later, two)
    )


def _scale(file: InstrumentFile, scale_id: str) -> Scale:
    return next(scale for scale in file.scales if scale.scale_id == scale_id)


def _rules(file: InstrumentFile, scale: Scale) -> tuple[object, ...]:
    """Return what makes a figure of answers."""
    first = next((item for item in file.items if item.item_id == scale.items[0]), None)
    return (scale.score, scale.favorable, scale.min_answered, _options(file, first) if first else ())


def _options(file: InstrumentFile, item: Item) -> tuple[object, ...]:
    """Return the answers that count, as they are read by whoever answers."""
    return tuple(
        (option.value, option.label, option.counts_as) for option in file.option_sets.get(item.options or "", ())
    )


def item_digests(file: InstrumentFile) -> dict[str, dict[str, str]]:
    """Return what is frozen of each item when it is first asked: sha-256 of its text and options, and its direction."""
    return {
        item.item_id: {
            "text": _digest(sorted(item.text.items())),
            "options": _digest(_options(file, item)),
            "direction": "reversed" if item.reverse else "as told",
        }
        for item in file.items
    }


def _digest(content: object) -> str:
    return sha256(repr(content).encode()).hexdigest()
