"""Make instances of published figures: one for each layer of a population, which is one figure over units and groups.

Neither hiding nor judging belongs here: protection and gate both start from these instances, each with rows of its
own. Students are counted in whole ones where a figure is a share of students. Where it is a share of days or items,
or a mean, the sums are those of its numerators and denominators, told in students: the denominator of everybody is as
many as the students, and a mean lies between the whole numbers around all means of the layer.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from math import ceil, floor
from typing import Any

from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds, View

Row = Mapping[str, Any]
EVERYBODY = ("all", "all")
_EQUAL = 1e-6
"""Students by which a sum may be off by rounding."""


@dataclass(frozen=True)
class Readers:
    """Who holds which units' pages.

    Attributes:
        held: For each reader, the units whose figures stand on the pages it holds.
        own: Of some readers, the unit they know all about.
        coalition: So many of these may tell each other what they know.
    """

    held: Mapping[str, frozenset[str]]
    own: Mapping[str, str]
    coalition: int = 1

    @classmethod
    def of(cls, rows: Iterable[Row], *, is_insider: bool, coalition: int = 1) -> "Readers":
        """Read rows with audience_id, reader_unit_id, unit_id and unit_type of the unit; includes and knows, if any.

        ``*`` stands for every reader of the audience. Readers with the same pages are one, and hold the pages of the
        audiences theirs includes. Whoever is responsible for a school knows it: the readers of audiences that say so,
        or of all that have schools where none does.
        """
        shared: dict[str, set[str]] = defaultdict(set)
        held: dict[tuple[str, str], set[str]] = defaultdict(set)
        schools, included, insiders = set(), {}, set()
        for row in rows:
            if row["unit_type"] == "school":
                schools.add(row["unit_id"])
            included[row["audience_id"]] = (row.get("includes") or "").split(",")
            if row.get("knows"):
                insiders.add(row["audience_id"])
            if row["reader_unit_id"] == "*":
                shared[row["audience_id"]].add(row["unit_id"])
            else:
                held[row["audience_id"], row["reader_unit_id"]].add(row["unit_id"])
        pages: dict[tuple[frozenset[str], str], str] = {}
        for (audience, unit), units in sorted(held.items()):
            knows = is_insider and unit in schools and (not insiders or audience in insiders)
            more = [_pages_of(name, unit, held, shared) for name in included[audience] if name]
            whole = frozenset(units | shared[audience]).union(*more)
            pages.setdefault((whole, unit if knows else ""), f"{audience}:{unit}" if knows else audience)
        own_units = {name: own for (_, own), name in pages.items() if own}
        return cls({name: units for (units, _), name in pages.items()}, own_units, coalition)


def _pages_of(
    audience: str, unit: str, held: Mapping[tuple[str, str], set[str]], shared: Mapping[str, set[str]]
) -> set[str]:
    """Return the units on the pages of an included audience: of the own unit where it has such, else of all."""
    own = held.get((audience, unit))
    units = own if own is not None else set().union(*(each for (name, _), each in held.items() if name == audience))
    return units | shared.get(audience, set())


@dataclass(frozen=True)
class Layer:
    """One figure over units and groups.

    Attributes:
        instance: Its cells by their id, with what no page prints where a total is more than its printed parts.
        unsure: Cells that carry no count, which no sum can use.
    """

    instance: Instance
    unsure: frozenset[str] = frozenset()


def layers_of(rows: Iterable[Row], asked: Thresholds, readers: Readers) -> dict[str, Layer]:
    """Make the layers of figures.

    Args:
        rows: With layer, cell_id, unit_type, unit_id, group_set_id, group_id, value, value_unit, numerator,
            denominator and n_people.
        asked: What a pattern must keep.
        readers: Who reads them.
    """
    grouped: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row["layer"]].append(row)
    return {name: _layer(name, grouped[name], (asked, readers)) for name in sorted(grouped)}


def _layer(name: str, rows: list[Row], asked: tuple[Thresholds, Readers]) -> Layer:
    known = [row for row in rows if row["n_people"] is not None]
    cells = _cells(sorted(known, key=lambda row: str(row["cell_id"])), asked[0])
    relations = list(_relations(rows, cells, asked[0]))
    unsure = frozenset(str(row["cell_id"]) for row in rows if row["n_people"] is None)
    ordered = list(cells.values())
    place = {cell.cell_id: number for number, cell in enumerate(ordered)}
    sums = tuple(Relation(place[total], tuple(place[part] for part in parts)) for total, parts in relations)
    made = Instance(name, asked[0], tuple(ordered), sums, tuple(_views(ordered, asked[1])))
    if asked[1].coalition > 1:
        made = replace(made, views=(*made.views, *coalitions(made)))
    empty = frozenset(place[str(row["cell_id"])] for row in known if row["n_people"] == 0)
    return Layer(with_own_people(made, empty), unsure)


def _views(cells: list[Cell], readers: Readers) -> Iterator[View]:
    numbers: dict[str, list[int]] = defaultdict(list)
    for number, cell in enumerate(cells):
        numbers[cell.unit_id or ""].append(number)
    for name, units in readers.held.items():
        own = readers.own.get(name)
        yield View(name, units, frozenset(numbers[own]) if own else frozenset())


def _cells(rows: list[Row], asked: Thresholds) -> dict[str, Cell]:
    """Return the cells by id, in students: favourable and others add up over every sum as the figure's own parts do."""
    low, high = _range(rows)
    is_share = high is not None and all(row["denominator"] for row in rows if row["n_people"])
    largest = max(rows, key=lambda row: row["n_people"], default=None)
    unit = float(largest["denominator"]) / largest["n_people"] if is_share and largest and largest["n_people"] else 1.0
    made = {}
    for row in rows:
        n: Any = row["n_people"]
        x: Any = n / 2
        if is_share and high is not None:
            n = float(row["denominator"] or 0) / unit
            top, below = float(row["numerator"] or 0), low * float(row["denominator"] or 0)
            x = min(max((top - below) / (high - low) / unit, 0.0), n)
        made[row["cell_id"]] = Cell(
            row["cell_id"], n, x, audience=row["unit_id"], unit=row["unit_type"], unit_id=row["unit_id"],
            group="All" if row["group_set_id"] == "all" else row["group_id"],
            grade="all" if row["group_set_id"] == "all" else "some",
            small=1 <= row["n_people"] < asked.n_min,
        )  # fmt: skip
    return made


def _range(rows: list[Row]) -> tuple[float, float | None]:
    """Return the least and the largest a figure can be; no largest for what is a count and no share."""
    units = {row["value_unit"] for row in rows}
    if units == {"share"}:
        return 0.0, 1.0
    values = [row["value"] for row in rows if row["value"] is not None]
    if units != {"score"} or not values:
        return 0.0, None
    low, high = floor(min(values)), ceil(max(values))
    return float(low), float(max(high, low + 1))


def _relations(rows: list[Row], cells: dict[str, Cell], asked: Thresholds) -> Iterator[tuple[str, list[str]]]:
    """Yield every sum with what is left of its total, which stands on no page and is added to the cells."""
    for name, total, printed in _sums(rows):
        parts = list(printed)
        if total not in cells or any(part not in cells for part in parts):
            continue
        n, x = (_left(letter, cells[total], [cells[part] for part in parts]) for letter in "nx")
        if n < -_EQUAL or x < -_EQUAL or n - x < -_EQUAL:
            continue
        if n > _EQUAL:
            rest = f"{name}|rest"
            cells[rest] = Cell(
                rest, n, max(x, 0.0), is_printed=False, unit=cells[total].unit, unit_id=cells[total].unit_id,
                small=n < asked.n_min,
            )  # fmt: skip
            parts.append(rest)
        yield total, parts


def _left(letter: str, total: Cell, parts: Iterable[Cell]) -> Any:
    return getattr(total, letter) - sum(getattr(part, letter) for part in parts)


def _sums(rows: list[Row]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield (name, total, parts): a district and its schools, everybody and the groups of a set."""
    by_group: dict[tuple[str, str], list[Row]] = defaultdict(list)
    by_unit: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: str(row["cell_id"])):
        by_group[row["group_set_id"], row["group_id"]].append(row)
        by_unit[row["unit_id"], row["group_set_id"]].append(row)
    for (set_id, group_id), held in sorted(by_group.items()):
        totals = [row["cell_id"] for row in held if row["unit_type"] == "district"]
        schools = [row["cell_id"] for row in held if row["unit_type"] == "school"]
        if totals and schools:
            yield f"school|{set_id}/{group_id}", totals[0], schools
    for (unit_id, set_id), held in sorted(by_unit.items()):
        whole = by_unit.get((unit_id, EVERYBODY[0]), [])
        if set_id != EVERYBODY[0] and whole:
            yield f"group|{unit_id}|{set_id}", whole[0]["cell_id"], [row["cell_id"] for row in held]


def coalitions(instance: Instance) -> Iterator[View]:
    """Yield every two readers as one who each know a part of the same sum: what they know, and see, together."""
    knowing = [view for view in instance.views if view.knows]
    for one, other in combinations(knowing, 2):
        apart = [one.knows - other.knows, other.knows - one.knows]
        if all(apart) and any(
            all(not known.isdisjoint(relation.parts) for known in apart) for relation in instance.relations
        ):
            sees = None if one.sees is None or other.sees is None else one.sees | other.sees
            yield View(f"{one.name}+{other.name}", sees, one.knows | other.knows)


def with_own_people(instance: Instance, empty: Collection[int] = ()) -> Instance:
    """Let readers who know a unit know every cell in which nobody else is.

    Where one school has all children of a group, the district's figure of it is that school's own: whoever knows the
    school learns of nobody from it, and no gap could keep it from them.

    Args:
        instance: Its readers know the cells of their own unit.
        empty: Numbers of the cells in which nobody is; that is told to everybody.
    """
    told = frozenset(empty)
    return replace(
        instance, views=tuple(replace(view, knows=_own_people(instance, view.knows, told)) for view in instance.views)
    )


def _own_people(instance: Instance, known: frozenset[int], empty: frozenset[int]) -> frozenset[int]:
    """Add totals whose parts are all known or empty, and the parts of known totals, to the last consequence."""
    found, waiting = set(known), sorted(known)
    while waiting:
        for place in instance.sums_of[waiting.pop()]:
            relation = instance.relations[place]
            more: set[int] = set()
            if relation.total in found:
                more = set(relation.parts) - found - empty
            elif all(part in found or part in empty for part in relation.parts):
                more = {relation.total}
            found |= more
            waiting += sorted(more)
    return frozenset(found)
