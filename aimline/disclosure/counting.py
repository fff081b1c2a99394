"""Count what every single sum gives away under a pattern: a lone gap, a small pool, a one-sided pool.

No solver is asked here. Within one school the search does better; between schools, where hundreds meet in one sum,
counting is what can be done. What a sum holds is counted once, and then changes by the cells that are hidden or
shown: a sum over two thousand schools is not looked through again for each of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator

from aimline.disclosure.instance import Instance, View
from aimline.disclosure.relations import cost

Known = frozenset[int]


class Counting:
    """The sums of an instance under one pattern that grows and shrinks.

    Attributes:
        gaps: Printed cells that are hidden; ``hide`` and ``show`` change them.
        n_gaps: How many of them stand in each sum.
        choices: Printed cells that may be hidden besides the small ones.
    """

    def __init__(self, instance: Instance, kept: Collection[int] = ()) -> None:
        """Hide the small cells, and sort out who knows what.

        Args:
            instance: Cells, sums and readers.
            kept: Gaps of an earlier pattern, which cost less to hide again.
        """
        self._instance = instance
        small = frozenset(instance.small)
        cells = instance.cells
        self.primary = frozenset(number for number in small if cells[number].is_printed)
        self.choices = frozenset(
            number for number, cell in enumerate(cells) if cell.is_printed and cell.n > 0 and number not in small
        )
        self._kept = frozenset(kept)
        views: dict[frozenset[str] | None, list[View]] = defaultdict(list)
        for view in instance.views:
            views[view.sees].append(view)
        self._readers = [_Reader(instance, each) for each in views.values()]
        self.gaps: set[int] = set()
        self.n_gaps = [0] * len(instance.relations)
        self.hide(self.primary)

    def hide(self, cells: Iterable[int]) -> None:
        """Hide cells; those that are hidden stay so."""
        for cell in set(cells) - self.gaps:
            self._turn(cell, 1)

    def show(self, cell: int) -> None:
        """Show a gap."""
        self._turn(cell, -1)

    def _turn(self, cell: int, sign: int) -> None:
        (self.gaps.add if sign > 0 else self.gaps.discard)(cell)
        for place in self._instance.sums_of[cell]:
            self.n_gaps[place] += sign
        for reader in self._readers:
            if cell not in reader.never:
                reader.count(cell, sign)

    def failing(self, relations: Iterable[int]) -> list[tuple[int, Known]]:
        """Return the sums that give something away, each with what a reader knows to whom it does."""
        return [
            (place, known)
            for place in relations
            for reader in self._readers
            for known in reader.knowing(place)
            if self._fails(place, reader, known)
        ]

    def is_kept_without(self, gap: int) -> bool:
        """Say whether every sum of a gap would still be kept, were the gap shown."""
        self.show(gap)
        try:
            return not any(True for _ in self._first(self._instance.sums_of[gap]))
        finally:
            self.hide([gap])

    def _first(self, relations: Iterable[int]) -> Iterator[int]:
        for place in relations:
            if self.failing([place]):
                yield place

    def repair(self, relations: Iterable[int]) -> set[int]:
        """Hide more, the most useful first, until no sum gives anything away; return what is hidden now."""
        waiting = dict.fromkeys(relations)
        added: set[int] = set()
        while waiting:
            place = next(iter(waiting))
            told = self.failing([place])
            if not told:
                del waiting[place]
                continue
            best = self._best(place, told[0][1])
            if best is None:
                del waiting[place]
                continue
            self.hide([best])
            added.add(best)
            waiting |= dict.fromkeys(self._instance.sums_of[best])
        return added

    def _best(self, place: int, known: Known) -> int | None:
        """Return the cell of a sum that is best hidden: cheap, and not alone in its other sums."""
        relation = self._instance.relations[place]
        shown = (cell for cell in relation.cells if cell in self.choices and cell not in self.gaps)
        offered = [cell for cell in shown if cell not in known]
        if relation.total in offered and len(offered) > 1:
            offered.remove(relation.total)
            offered.append(relation.total)
        return min(offered, key=lambda cell: (self.price(cell, place), cell), default=None)

    def price(self, cell: int, place: int | None = None) -> float:
        """Return what hiding a cell costs, more where it would be the only gap of another sum."""
        alone = sum(1 for each in self._instance.sums_of[cell] if each != place and not self.n_gaps[each])
        return self.cost(cell) * (1 + alone)

    def cost(self, cell: int) -> float:
        """Return what hiding a cell takes from the readers, less where it was hidden before."""
        return cost(self._instance.cells[cell]) * (0.25 if cell in self._kept else 1.0)

    def _fails(self, place: int, reader: "_Reader", known: Known) -> bool:
        cells, limits = self._instance.cells, self._instance.thresholds
        told = reader.sums[place]
        unknown = [cell for cell in known if cells[cell].n > 0 and (cell in self.gaps or cell in reader.never)]
        n_cells, numbers, n, x, n_merged = (
            told if not unknown else [held - left for held, left in zip(told, reader.together(unknown), strict=True)]
        )
        if n_cells == n_merged:
            return False
        if n_cells == 1:
            return numbers in self.gaps or self._instance.is_small(numbers)
        total = self._instance.relations[place].total
        if not cells[total].n or ((total in self.gaps or total in reader.never) and total not in known):
            return False
        if n < limits.min_pool:
            return True
        return min(x, n - x) < limits.min_minority_pool and not self._is_elsewhere(place, known)

    def _is_elsewhere(self, place: int, known: Known) -> bool:
        """Say whether nothing that is missed of a sum is a gap: it stands on pages of others then."""
        if not self._instance.thresholds.is_shown_elsewhere_free:
            return False
        missed = (cell for cell in self._instance.relations[place].parts if cell not in known)
        return all(self._instance.cells[cell].is_printed and cell not in self.gaps for cell in missed)


class _Reader:
    """Readers of the same pages: what they never see, what they know besides, and what they miss of every sum.

    Attributes:
        never: What stands on no page they hold.
        sums: Of every sum the unknown cells that hold somebody: how many, their numbers added up (which names the one
            that is alone), their students, the favourable ones, and how many are told only within larger cells.
    """

    def __init__(self, instance: Instance, views: list[View]) -> None:
        self._instance = instance
        self.never = frozenset(number for number, cell in enumerate(instance.cells) if not views[0].reads(cell))
        self._plain: list[Known] = [frozenset()] if any(not view.knows for view in views) else []
        held: dict[int, set[Known]] = defaultdict(set)
        for view in views:
            for cell in view.knows:
                for place in instance.sums_of[cell]:
                    held[place].add(view.knows & frozenset(instance.relations[place].cells))
        self._held = {place: sorted(each, key=sorted) for place, each in held.items()}
        self.sums = [[0, 0, 0, 0, 0] for _ in instance.relations]
        for cell in self.never:
            self.count(cell, 1)

    def count(self, cell: int, sign: int) -> None:
        """Take a cell into what is missed, or out of it."""
        own = self._instance.cells[cell]
        if own.n > 0:
            n, x, number, n_merged = sign * own.n, sign * own.x, sign * cell, sign * own.is_merged
            for place in self._instance.sums_of[cell]:
                held = self.sums[place]
                held[0] += sign
                held[1] += number
                held[2] += n
                held[3] += x
                held[4] += n_merged

    def together(self, unknown: Collection[int]) -> list[int]:
        """Return what some cells add to a sum."""
        own = [self._instance.cells[cell] for cell in unknown]
        n_merged = sum(1 for cell in own if cell.is_merged)
        return [len(own), sum(unknown), sum(cell.n for cell in own), sum(cell.x for cell in own), n_merged]

    def knowing(self, place: int) -> list[Known]:
        """Return what these readers know of a sum; nothing is one answer."""
        return [*self._plain, *self._held.get(place, [])] or [frozenset()]
