"""Say as rules over gaps what each single sum asks of a pattern: no lone gap, no small pool, no one-sided pool.

A rule is ``sum(weight * is_gap) >= least`` over the cells that may be hidden. What several sums ask together is found
in ``repair``; choosing the gaps belongs in ``search``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from aimline.disclosure.instance import Cell, Instance, Relation, View


@dataclass(frozen=True)
class Rule:
    """``sum(weight * is_gap) >= least``; weights by number of the cell."""

    weights: Mapping[int, float]
    least: float


@dataclass(frozen=True)
class Reader:
    """One view as the protection sees it: the cells by what a pattern can change about them.

    Attributes:
        view: The reader.
        closed: Never seen: small printed cells, and what stands on no page that is held.
        choices: Seen unless hidden.
        targets: Small cells that are not known beside the pages.
    """

    view: View
    closed: frozenset[int]
    choices: frozenset[int]
    targets: tuple[int, ...]


@dataclass(frozen=True)
class Task:
    """What is to be protected.

    Attributes:
        instance: Cells, sums and readers.
        primary: Printed small cells, which are gaps whatever else is.
        choices: Printed cells that may be hidden besides.
        readers: One for each different content.
    """

    instance: Instance
    primary: frozenset[int]
    choices: tuple[int, ...]
    readers: tuple[Reader, ...]
    rules: tuple[Rule, ...] = field(default=())


def task_of(instance: Instance) -> Task:
    """Sort the cells of an instance, and write down what each single sum asks."""
    small = frozenset(instance.small)
    primary = frozenset(number for number in small if instance.cells[number].is_printed)
    choices = tuple(
        number for number, cell in enumerate(instance.cells) if cell.is_printed and cell.n > 0 and number not in small
    )
    readers: dict[tuple[frozenset[int], frozenset[int]], Reader] = {}
    for view in instance.views:
        reader = _reader(instance, view, (primary, choices))
        readers.setdefault((reader.closed, reader.choices), reader)
    rules = tuple(rule for reader in readers.values() for rule in _rules(instance, reader))
    return Task(instance, primary, choices, tuple(readers.values()), rules)


def _reader(instance: Instance, view: View, sorted_cells: tuple[frozenset[int], tuple[int, ...]]) -> Reader:
    primary, choices = sorted_cells
    read = {number for number, cell in enumerate(instance.cells) if view.reads(cell)}
    closed = {number for number in range(len(instance.cells)) if number in primary or number not in read} - view.knows
    targets = tuple(
        number
        for number in instance.small
        if number not in view.knows
        and (instance.cells[number].is_printed or instance.thresholds.hidden_complements_protected)
    )
    return Reader(view, frozenset(closed), frozenset(choices) & read - view.knows, targets)


def _rules(instance: Instance, reader: Reader) -> Iterator[Rule]:
    targets = frozenset(reader.targets)
    for relation in instance.relations:
        open_cells = [cell for cell in relation.cells if cell in reader.closed]
        if len(open_cells) == 1 and open_cells[0] in targets:
            yield Rule({cell: 1.0 for cell in relation.cells if cell in reader.choices}, 1.0)
        if relation.total not in reader.closed:
            yield from _pool_rules(instance, reader, relation)


def _pool_rules(instance: Instance, reader: Reader, relation: Relation) -> Iterator[Rule]:
    """Yield what the unknown parts of a visible total must hold, in students and in each of the two answers.

    Where some part is never seen, the pool is there whatever the pattern. Else it is there once a part is hidden, so
    each part asks for itself. Hiding the total ends the pool.
    """
    cells, limits = instance.cells, instance.thresholds
    parts = [part for part in relation.parts if part in reader.choices]
    closed = [part for part in relation.parts if part in reader.closed and cells[part].n]
    within = [part for part in closed if cells[part].is_merged]
    elsewhere = [part for part in closed if limits.is_shown_elsewhere_free and _is_elsewhere(instance, part)]
    for letter, least in (("n", limits.min_pool), ("x", limits.min_minority_pool), ("y", limits.min_minority_pool)):
        held = {part: getattr(cells[part], letter) for part in parts}
        missing = least - sum(getattr(cells[part], letter) for part in closed)
        if len(closed) > len(elsewhere) + len(within):
            yield from _pool_rule(held, missing, _way_out(relation, reader, missing))
            continue
        for part in (*parts, *elsewhere):
            if held.get(part, 0) < missing:
                others = {other: float(min(value, missing)) for other, value in held.items()}
                own = {part: float(held.get(part, 0) - missing)}
                yield Rule(others | own | _way_out(relation, reader, missing), 0.0)


def _is_elsewhere(instance: Instance, part: int) -> bool:
    """Say whether a cell this reader never sees stands on a page of somebody else, unless it is hidden there."""
    return instance.cells[part].is_printed and not instance.is_small(part)


def _pool_rule(held: Mapping[int, int], missing: int, way_out: dict[int, float]) -> Iterable[Rule]:
    """Return the rule of a pool that is always there; a part that holds enough by itself counts as just enough."""
    if missing <= 0:
        return []
    return [Rule({part: float(min(value, missing)) for part, value in held.items()} | way_out, float(missing))]


def _way_out(relation: Relation, reader: Reader, missing: int) -> dict[int, float]:
    return {relation.total: float(missing)} if relation.total in reader.choices else {}


def cost(cell: Cell) -> float:
    """Return what hiding a cell takes from the readers."""
    whole_school = 1.5 if cell.unit == "school" and cell.grade == "all" else 1.0
    everybody = 2.0 if cell.group == "All" else 1.0
    above = 3.0 if cell.unit in {"district", "cluster"} else 1.0
    return float(cell.n**0.5 * whole_school * everybody * above)
