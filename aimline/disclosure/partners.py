"""Choose what to hide in one population. Reading tables and writing rows belongs elsewhere.

Primary gaps are the small groups. Then every sum with a visible total is looked at: what the reader does not see must
be at least two parts that are never empty and together no small group, else the next smallest visible part is hidden
too. A hidden part may stand in another sum, so this is repeated until nothing changes.
"""

from aimline.disclosure.policy import Policy
from aimline.disclosure.population import Cell, Population, Relation

PRIMARY = "primary"
SECONDARY = "secondary"
CANNOT_JUDGE = "cannot_judge"


def choose_gaps(population: Population, policy: Policy) -> dict[str, str]:
    """Return the printed cells to hide, each with its reason (which is never published).

    Args:
        population: Cells and relations that add up.
        policy: Who counts as small.
    """
    if population.kind == "records":
        return {}
    smallest = policy.minimum(population.kind)
    gaps = _primary_gaps(population, smallest)
    is_changed = True
    while is_changed:
        is_changed = False
        for relation in population.relations:
            while (partner := _missing_partner(population, relation, gaps, smallest)) is not None:
                gaps[partner.cell_id] = SECONDARY
                is_changed = True
    return gaps


def is_small(cell: Cell, smallest: int) -> bool:
    """Say whether a cell is a small group in any of its figures."""
    return cell.n_small is not None and cell.n_small < smallest


def _primary_gaps(population: Population, smallest: int) -> dict[str, str]:
    gaps = {}
    for cell in population.cells.values():
        if cell.is_printed and cell.n_unknown:
            gaps[cell.cell_id] = CANNOT_JUDGE
        elif cell.is_printed and is_small(cell, smallest):
            gaps[cell.cell_id] = PRIMARY
    return gaps


def _missing_partner(population: Population, relation: Relation, gaps: dict[str, str], smallest: int) -> Cell | None:
    """Return the cell to hide next so that the relation tells nothing; None when it tells nothing already."""
    total = population.cells[relation.total]
    parts = [part for name in relation.parts if not (part := population.cells[name]).is_empty]
    unseen = [part for part in parts if part.cell_id in gaps or not part.is_printed]
    if total.cell_id in gaps:
        is_safe = any(part.is_always_filled for part in unseen)
    else:
        is_safe = not _needs_cover(unseen, smallest) or _is_covered(unseen, smallest)
    if is_safe:
        return None
    seen = sorted((part for part in parts if part.is_printed and part.cell_id not in gaps), key=_by_size)
    filled = [part for part in seen if part.is_always_filled]
    if filled:
        return filled[0]
    if total.is_printed and total.cell_id not in gaps:
        return total
    return seen[0] if seen else None


def _needs_cover(unseen: list[Cell], smallest: int) -> bool:
    """Say whether something among the unseen parts may not become known: a gap, or a small rest."""
    return any(part.is_printed or is_small(part, smallest) for part in unseen)


def _is_covered(unseen: list[Cell], smallest: int) -> bool:
    """Say whether the total minus what is seen is at least two groups and together no small group."""
    filled = [part for part in unseen if part.is_always_filled]
    return len(filled) >= 2 and sum(part.n_low or 0 for part in filled) >= smallest  # noqa: PLR2004 - two hide each other


def _by_size(cell: Cell) -> tuple[int, str]:
    return (cell.n_low or 0, cell.cell_id)
