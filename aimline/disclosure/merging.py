"""Print fewer, larger cells: sums of cells of a file stand where the cells themselves stood.

What is merged is given; which cells should be is decided in ``coarsen``. Sums that hold as well between the larger
cells take the place of those between the smaller ones. Where a smaller cell still stands in a sum that the larger
ones do not tell (a district total by grade over a school told by grade bands), it stays, as what no page prints.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from aimline.disclosure.instance import Cell, Instance, Relation, View, gaps_of, read_pattern
from aimline.errors import DisclosureInputError

if TYPE_CHECKING:
    from schemas.sdc import CoarsenedFacts

Sum = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Merge:
    """A cell that takes the place of others.

    Attributes:
        cell: Its name, grade and group; count and results are the sums over the parts.
        parts: Names of the cells it is told instead of.
    """

    cell: Cell
    parts: tuple[str, ...]


@dataclass(frozen=True)
class Merging:
    """What is told together, and what is told no more.

    Attributes:
        merges: The larger cells; no cell is part of two.
        dropped: Names of cells that stay as they are and are printed no more.
    """

    merges: tuple[Merge, ...] = ()
    dropped: frozenset[str] = frozenset()


def merged(instance: Instance, merging: Merging, file: str) -> Instance:
    """Return an instance as it is printed after merging.

    Raises:
        DisclosureInputError: A part is no cell of the instance, or stands in two larger cells.
    """
    _judge(instance, merging, file)
    whole_of = {part: merge.cell.cell_id for merge in merging.merges for part in merge.parts}
    sums = _sums(instance)
    told, beneath = _told_sums(sums, whole_of, merging)
    kept = {name for total, parts in beneath for name in (total, *parts)} & set(whole_of)
    cells = _cells(instance, merging, kept, _linked(instance, merging, (*told, *beneath)))
    number = {cell.cell_id: place for place, cell in enumerate(cells)}
    relations = tuple(
        Relation(number[total], tuple(number[part] for part in parts)) for total, parts in (*told, *beneath)
    )
    views = tuple(_view(instance, view, merging, number) for view in instance.views)
    return replace(instance, cells=tuple(cells), relations=relations, views=views)


def shown_by(path: str | Path, instance: Instance) -> tuple[Instance, frozenset[int]]:
    """Return an instance as a pattern in a file tells it, and what the pattern hides."""
    facts = read_pattern(path)
    if facts.coarsened is not None:
        instance = merged(instance, merging_of(facts.coarsened, instance), str(path))
    return instance, gaps_of(facts, instance, f"{path}: the hidden list")


def merging_of(facts: "CoarsenedFacts", instance: Instance) -> Merging:
    """Take what a pattern says is told together; every larger cell stands in the unit of its parts."""
    cells, numbers = instance.cells, instance.numbers
    merges = []
    for each in facts.cells:
        own = [cells[numbers[part]] for part in each.of if part in numbers]
        like = own[0] if own else Cell(each.id, 0, 0)
        whole = Cell(
            each.id, 0, 0, each.is_printed, like.audience, like.unit, like.unit_id, each.grade, each.group
        )  # fmt: skip
        merges.append(Merge(whole, each.of))
    return Merging(tuple(merges), frozenset(facts.not_printed))


def _judge(instance: Instance, merging: Merging, file: str) -> None:
    known, seen = instance.numbers, set(merging.dropped)
    for name in merging.dropped - set(known):
        raise DisclosureInputError(f'{file} says that "{name}" is not printed, which is not in cells.')
    for merge in merging.merges:
        for name in (merge.cell.cell_id, *merge.parts):
            place = f'{file}: larger cell "{merge.cell.cell_id}"'
            if (name in known) != (name in merge.parts):
                raise DisclosureInputError(f'{place}: "{name}" is {"" if name in known else "not "}in cells.')
            if name in seen:
                raise DisclosureInputError(f'{place}: "{name}" stands in two.')
            seen.add(name)


def _sums(instance: Instance) -> list[Sum]:
    cells = instance.cells
    named = (
        (cells[each.total].cell_id, tuple(cells[part].cell_id for part in each.parts)) for each in instance.relations
    )
    return list(dict.fromkeys(named))


def _told_sums(sums: Sequence[Sum], whole_of: Mapping[str, str], merging: Merging) -> tuple[list[Sum], list[Sum]]:
    """Return the sums between the cells that are told, and those beneath that no larger cell tells.

    Beneath, one sum draws in all that its cells stand in, and what each larger cell is the sum of.
    """
    parts_of = {merge.cell.cell_id: merge.parts for merge in merging.merges}
    alike: dict[tuple[str, frozenset[str]], list[Sum]] = defaultdict(list)
    for total, parts in sums:
        image = (whole_of.get(total, total), frozenset(whole_of.get(part, part) for part in parts))
        alike[image].append((total, parts))
    told: list[Sum] = []
    left: list[Sum] = []
    for (whole, within), held in alike.items():
        if _is_covered((whole, *within), held, parts_of):
            told.append((whole, tuple(dict.fromkeys(whole_of.get(name, name) for _, each in held for name in each))))
        else:
            left += held
    reached = {name for each in left for name in (each[0], *each[1]) if name in whole_of}
    standing: dict[str, list[Sum]] = defaultdict(list)
    for each in sums:
        for name in (each[0], *each[1]):
            standing[name].append(each)
    beneath, waiting = dict.fromkeys(left), sorted(reached)
    while waiting:
        name = waiting.pop()
        whole = whole_of[name]
        near = [*standing[name], (whole, parts_of[whole])]
        beneath |= dict.fromkeys(near)
        more = {other for each in near for other in (each[0], *each[1]) if other in whole_of} - reached
        reached |= more
        waiting += sorted(more)
    return told, list(beneath)


def _is_covered(cells: Iterable[str], held: Iterable[Sum], parts_of: Mapping[str, tuple[str, ...]]) -> bool:
    """Say whether some sums, added up, are one sum between larger cells: every part of these once, and nothing else."""
    found = Counter(chain.from_iterable((total, *parts) for total, parts in held))
    asked = Counter(chain.from_iterable(parts_of.get(name, (name,)) for name in cells))
    return found == asked


def _linked(instance: Instance, merging: Merging, sums: Iterable[Sum]) -> frozenset[str]:
    """Return the cells that stand in a sum with another unit: there the others may tell them."""
    unit = {cell.cell_id: (cell.unit, cell.unit_id) for cell in instance.cells}
    unit |= {merge.cell.cell_id: unit[merge.parts[0]] for merge in merging.merges}
    ties = ((total, *parts) for total, parts in sums)
    return frozenset(chain.from_iterable(names for names in ties if len({unit[name] for name in names}) > 1))


def _cells(instance: Instance, merging: Merging, kept: set[str], linked: frozenset[str]) -> list[Cell]:
    """Return the cells in file order, each larger one before the first of its parts."""
    by_name = {cell.cell_id: cell for cell in instance.cells}
    first = {min(merge.parts, key=instance.numbers.__getitem__): merge for merge in merging.merges}
    inside = {part for merge in merging.merges for part in merge.parts}
    cells: list[Cell] = []
    for cell in instance.cells:
        name = cell.cell_id
        if name in first:
            own = [by_name[part] for part in first[name].parts]
            n, x, whole = sum(each.n for each in own), sum(each.x for each in own), first[name].cell
            is_merged = not whole.is_printed and all(each.is_printed for each in own) and whole.cell_id not in linked
            cells.append(replace(whole, n=n, x=x, is_merged=is_merged))
        if name in inside | merging.dropped:
            if name in kept or name not in inside:
                is_merged = cell.is_printed and name not in linked
                cells.append(replace(cell, is_printed=False, form=None, is_merged=is_merged))
        else:
            cells.append(cell)
    return cells


def _view(instance: Instance, view: View, merging: Merging, number: Mapping[str, int]) -> View:
    """Return a reader, who knows a larger cell where all of its parts are known."""
    known = {instance.cells[cell].cell_id for cell in view.knows}
    known |= {merge.cell.cell_id for merge in merging.merges if known.issuperset(merge.parts)}
    return replace(view, knows=frozenset(number[name] for name in known if name in number))
