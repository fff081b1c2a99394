"""Ask more of a total over schools than that nobody subtracts: what is hidden in it must come from enough schools.

One principal knows a school, two may talk. So what a printed total hides is to come from several schools, and to be
a larger and more mixed pool than within a school. This is counted, not solved, and only where a policy asks for it.
"""

from collections.abc import Collection, Iterator

from aimline.disclosure.instance import Instance, Relation
from aimline.disclosure.relations import cost

_ABOVE = frozenset({"district", "cluster"})


def missing_links(instance: Instance, gaps: Collection[int]) -> frozenset[int]:
    """Return what must be hidden besides, so that every total over schools hides enough of them.

    The cheapest part comes first, in a school that hides nothing of the total yet where schools are missing; the
    total itself where its parts are all hidden.
    """
    if not instance.thresholds.link_schools:
        return frozenset()
    held, more = set(gaps), set[int]()
    for relation in _links(instance):
        while relation.total not in held and _fails(instance, relation, held):
            best = _cheapest(instance, relation, held)
            held.add(best)
            more.add(best)
    return frozenset(more)


def _links(instance: Instance) -> Iterator[Relation]:
    """Yield the sums whose printed total stands above schools and whose parts lie in several."""
    cells = instance.cells
    for relation in instance.relations:
        schools = {cells[part].unit_id for part in relation.parts if cells[part].unit == "school"}
        if cells[relation.total].is_printed and cells[relation.total].unit in _ABOVE and len(schools) > 1:
            yield relation


def _fails(instance: Instance, relation: Relation, gaps: Collection[int]) -> bool:
    cells, limits = instance.cells, instance.thresholds
    hidden = [cells[part] for part in relation.parts if part in gaps and cells[part].n > 0]
    if not hidden:
        return False
    n, x = sum(cell.n for cell in hidden), sum(cell.x for cell in hidden)
    return (
        len({cell.unit_id for cell in hidden}) < limits.link_schools
        or n < limits.link_pool
        or min(x, n - x) < limits.link_minority
    )


def _cheapest(instance: Instance, relation: Relation, gaps: Collection[int]) -> int:
    cells = instance.cells
    taken = {cells[part].unit_id for part in relation.parts if part in gaps and cells[part].n > 0}
    is_new = len(taken) < instance.thresholds.link_schools
    free = [part for part in relation.parts if part not in gaps and cells[part].is_printed and cells[part].n > 0]
    offered = [part for part in free if is_new and cells[part].unit_id not in taken] or free or [relation.total]
    return min(offered, key=lambda cell: (cost(cells[cell]), cell))
