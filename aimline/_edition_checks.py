"""Judge the editions of an instrument together: which replaces which, what went on, and when both are asked."""

from collections.abc import Iterator
from dataclasses import dataclass

from aimline._declared_files import Loaded, unknown
from aimline._facts import Facts, Findings
from schemas import editions
from schemas.instruments import Crossing, InstrumentFile


@dataclass(frozen=True)
class _Family:
    """All editions of one instrument.

    Attributes:
        loaded: Edition -> its file.
        shapes: Edition -> what it says.
    """

    loaded: dict[str, Loaded[InstrumentFile]]
    shapes: dict[str, InstrumentFile]

    def first_asked(self, facts: Facts, edition: str) -> tuple[int, str]:
        """Return when an edition is asked with first, as something to sort by."""
        years = [year for year, _, key in _asked(facts) if key == self.shapes[edition].key]
        return (min(years, default=9999), edition)


def edition_findings(facts: Facts) -> Findings:
    """Yield what is wrong between the editions of an instrument."""
    shapes = [each.shape for each in facts.instruments if each.shape]
    loaded = {each.shape.key: each for each in facts.instruments if each.shape}
    for held in editions.by_instrument(shapes).values():
        family = _Family({name: loaded[shape.key] for name, shape in held.items()}, held)
        yield from _order_findings(facts, family)
        for edition in held:
            yield from _replaced_findings(facts, family, edition)
            for number, line in enumerate(held[edition].crosswalk):
                yield from _line_findings(family, edition, number, line)


def _asked(facts: Facts) -> Iterator[tuple[int, int, str]]:
    """Yield every window that asks with an instrument: its year, its place in the file, the instrument's key."""
    for year in facts.years:
        for number, window in enumerate(year.shape.windows if year.shape else ()):
            if year.shape and window.instrument:
                yield year.shape.school_year.id, number, window.instrument


def _order_findings(facts: Facts, family: _Family) -> Findings:
    """All editions but the first replace one; none comes back to itself."""
    firsts = sorted(
        (name for name, each in family.shapes.items() if each.replaces is None),
        key=lambda name: family.first_asked(facts, name),
    )
    for name in firsts[1:]:
        message = f"'{family.shapes[name].key}' is another edition beside '{firsts[0]}' and replaces none."
        remedy = f'Add replaces: "{firsts[0]}" and overlap_years, so that both are asked once.'
        yield family.loaded[name].finding(("edition",), message, remedy, code="edition")
    for name in sorted(family.shapes):
        path = [name, *editions.before(family.shapes, name)]
        if family.shapes[path[-1]].replaces == name and name == min(path):
            told = " -> ".join([*path, name])
            yield family.loaded[name].finding(("replaces",), f"cycle {told}.", "Remove one link.", code="edition")


def _replaced_findings(facts: Facts, family: _Family, edition: str) -> Findings:
    """Judge what an edition says of the one before it."""
    loaded, shape = family.loaded[edition], family.shapes[edition]
    if shape.replaces is None:
        if shape.overlap_years:
            message = "overlap_years is for an edition that replaces another."
            yield loaded.finding(("overlap_years",), message, "Add replaces, or remove it.", code="edition")
        return
    if shape.replaces not in family.shapes:
        known = family.shapes.keys() - {edition}
        yield loaded.finding(("replaces",), *unknown("edition", shape.replaces, known), code="unknown_edition")
        return
    if not shape.overlap_years:
        if changed := _changed(family, edition):
            message = f"'{shape.key}' replaces '{shape.replaces}' without an overlap year, and changes {changed}."
            remedy = "Add overlap_years so that both are asked once."
            yield loaded.finding(("replaces",), message, remedy, code="edition")
        return
    yield from _overlap_findings(facts, family, edition)
    yield from _time_findings(facts, family, edition)


def _changed(family: _Family, edition: str) -> str:
    """Name what both editions have and the later one measures otherwise; nothing where all goes on."""
    shape, told = family.shapes[edition], editions.definitions(family.shapes)
    former = {subject for name, subject in told if name == shape.replaces}
    found = [each for each in editions.subjects(shape) if each in former and told[edition, each].edition == edition]
    return ", ".join(found)


def _overlap_findings(facts: Facts, family: _Family, edition: str) -> Findings:
    """In a year of overlap both editions have a window; a year without a file cannot be judged yet."""
    loaded, shape = family.loaded[edition], family.shapes[edition]
    asked = {(year, key) for year, _, key in _asked(facts)}
    for number, year in enumerate(shape.overlap_years):
        if facts.year_of(year) is None:
            continue
        for each in (shape.replaces or "", edition):
            key = family.shapes[each].key
            if (year, key) not in asked:
                message = f"no window of {year} asks with {key}."
                remedy = "Ask with both editions in a year of overlap, or name another year."
                yield loaded.finding(("overlap_years", number), message, remedy, code="edition")


def _time_findings(facts: Facts, family: _Family, edition: str) -> Findings:
    """Nothing is asked with an edition before its overlap begins, nor with the one before after it has ended."""
    shape = family.shapes[edition]
    former = family.shapes[shape.replaces or ""]
    first, last = min(shape.overlap_years), max(shape.overlap_years)
    for year, number, key in _asked(facts):
        loaded = facts.year_of(year)
        if loaded is None:
            continue
        place = ("windows", number, "instrument")
        if key == former.key and year > last:
            message = f"{key} is asked in {year}; '{edition}' replaced it, and the overlap ended with {last}."
            yield loaded.finding(place, message, f"Ask with {shape.key}.", code="edition")
        elif key == shape.key and year < first:
            message = f"{key} is asked in {year}; it replaces '{former.edition}' from {first} on."
            yield loaded.finding(
                place, message, f"Ask with {former.key}, or name {year} in overlap_years.", code="edition"
            )


def _line_findings(family: _Family, edition: str, number: int, line: Crossing) -> Findings:
    """Judge a line of a crosswalk: both items exist, and what is called the same is the same."""
    loaded, shape = family.loaded[edition], family.shapes[edition]
    place = ("crosswalk", number)
    former = family.shapes.get(line.from_.edition)
    if former is None or former is shape:
        known = family.shapes.keys() - {edition}
        found = unknown("edition", line.from_.edition, known)
        yield loaded.finding((*place, "from", "edition"), *found, code="unknown_edition")
        return
    items = {item.item_id: item for item in former.items}
    own = {item.item_id: item for item in shape.items}
    if line.from_.item_id not in items:
        message = f"'{line.from_.item_id}' is no item of {former.key}."
        remedy = f"Items: {', '.join(items)}."
        yield loaded.finding((*place, "from", "item_id"), message, remedy, code="unknown_item")
    elif line.to in own and line.match == "exact":
        differs = editions.same_question(former, shape, (items[line.from_.item_id], own[line.to]))
        if differs:
            message = f"'exact', and the {differs} of '{line.to}' is not that of '{line.from_.item_id}'."
            remedy = "Write reworded, or give it the same again."
            yield loaded.finding((*place, "match"), message, remedy, code="crosswalk")
        earlier = [each for each in shape.crosswalk[:number] if each.match == "exact" and each.to == line.to]
        if any(each.from_.edition == line.from_.edition for each in earlier):
            message = f"'{line.to}' is 'exact' for two items of {former.key}."
            yield loaded.finding((*place, "to"), message, "Keep one, or write merged.", code="crosswalk")
