"""Find the sums of hidden cells that a reader can compute, and judge whether they hold enough students."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from aimline.disclosure.instance import Cell, Instance, Thresholds


@dataclass(frozen=True)
class Pool:
    """The unknown cells of one computable sum, together.

    Attributes:
        cells: Numbers of the unknown cells.
        n: Students in them.
        x: Favourable among them.
        relation: The relation that tells the sum; None when it follows from several.
        source: The visible cells the sum is computed from, when it follows from several relations.
        is_elsewhere: None of the cells is a gap: each stands on a page of somebody else.
    """

    cells: tuple[int, ...]
    n: int
    x: int
    relation: int | None = None
    source: tuple[int, ...] = ()
    is_elsewhere: bool = False

    def is_small(self, thresholds: Thresholds) -> bool:
        """Say whether it holds somebody, but too few."""
        return 1 <= self.n < thresholds.min_pool

    def is_one_sided(self, thresholds: Thresholds) -> bool:
        """Say whether it holds somebody, but too few favourable or too few others."""
        if self.is_elsewhere and thresholds.is_shown_elsewhere_free:
            return False
        return self.n > 0 and min(self.x, self.n - self.x) < thresholds.min_minority_pool


def told_pools(instance: Instance, unknown: Collection[int], places: Iterable[int] | None = None) -> list[Pool]:
    """Return the pools of the relations whose total is known; of all relations, or of those at some places."""
    return [
        _pool(instance.cells, parts, place)
        for place in (range(len(instance.relations)) if places is None else places)
        if (relation := instance.relations[place]).total not in unknown
        and (parts := [part for part in relation.parts if part in unknown])
        and not all(instance.cells[part].is_merged for part in parts)
    ]


def derived_pools(
    instance: Instance, rows: Iterable[Mapping[int, int]], unknown: Collection[int], told: Iterable[Pool]
) -> list[Pool]:
    """Return the pools that follow from several relations: the unknown cells of a row, where their signs are alike.

    Args:
        instance: The cells.
        rows: Reduced rows; they hold the visible cells too that they were computed from.
        unknown: Cells the reader does not see.
        told: Pools known already; they are left out.
    """
    known = {frozenset(pool.cells) for pool in told}
    found = []
    for row in rows:
        hidden = {cell: sign for cell, sign in row.items() if cell in unknown}
        if all(instance.cells[cell].is_merged for cell in hidden):
            continue
        if set(hidden.values()) in ({1}, {-1}) and frozenset(hidden) not in known:
            source = tuple(sorted(set(row) - set(hidden)))
            found.append(replace(_pool(instance.cells, list(hidden)), source=source))
    return found


def _pool(cells: Sequence[Cell], parts: Sequence[int], relation: int | None = None) -> Pool:
    n = x = 0
    for part in parts:
        cell = cells[part]
        n, x = n + cell.n, x + cell.x
    return Pool(tuple(parts), n, x, relation)
