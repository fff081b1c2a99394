"""Say which schools are moved beside which: those not far in the order of the file, with gaps in the same sums.

Were the best of the whole district taken, a few schools would stand in everybody's proofs, and all of these would fall
on the night on which one of them changes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from aimline.disclosure.instance import Instance

Room = npt.NDArray[np.int64]
"""Of every sum that ties schools together a number: what a school has there, or what is missing there."""

_NEAR = 6
"""Among so many schools, for each partner, the partners are looked for."""

_TOGETHER, _BESIDE = 12, 8
"""So many schools, neighbours in the order of the file, are proved at once, and so many more move beside them."""

_ENOUGH = 3
"""So many schools with a gap in a sum need no partner for it."""


class Neighbours:
    """The schools of an instance in the order of the file, and the sums in which several of them stand."""

    def __init__(self, instance: Instance) -> None:
        """Sort out which sums tie schools together."""
        self._instance = instance
        self._block = {cell: name for name, cells in instance.blocks.items() for cell in cells}
        self._names = list(instance.blocks)
        self._at: dict[str | None, int] = {name: place for place, name in enumerate(self._names)}
        links = {place for place, relation in enumerate(instance.relations) if self._is_link(relation.parts)}
        self._n_links = len(links)
        number = {link: place for place, link in enumerate(sorted(links))}
        self._links_of = [tuple(number[each] for each in sums if each in links) for sums in instance.sums_of]
        self._rooms: dict[str, tuple[Room, Room]] = {}

    def _is_link(self, parts: Sequence[int]) -> bool:
        """Say whether cells are not all of one school."""
        first = self._block.get(parts[0]) if parts else None
        return any(self._block.get(part) != first for part in parts)

    def forget(self, cells: Iterable[int]) -> None:
        """Take over that other cells are unknown now than when partners were last looked for."""
        for block in self.blocks(cells):
            if block is not None:
                self._rooms.pop(block, None)

    def block(self, cell: int) -> str | None:
        """Return the school of a cell; None of a cell of no school."""
        return self._block.get(cell)

    def blocks(self, cells: Iterable[int]) -> set[str | None]:
        """Return the schools of some cells."""
        return {self._block.get(cell) for cell in cells}

    def cells(self, block: str | None) -> tuple[int, ...]:
        """Return the cells of a school, or those of no school."""
        return self._instance.beyond if block is None else self._instance.blocks[block]

    def opened(self, block: str | None, unknown: Collection[int]) -> list[int]:
        """Return the cells of a school that a reader does not see."""
        return [cell for cell in self.cells(block) if cell in unknown]

    def group(self, cell: int) -> int:
        """Return the number of the group that a cell's school is in; the cells of no school are a group."""
        block = self._block.get(cell)
        return -1 if block is None else self._at[block] // _TOGETHER

    def together(self, group: int, unknown: Collection[int]) -> list[str]:
        """Return the schools of a group, and some beside them that have gaps where the group has few."""
        names = self._names[group * _TOGETHER : (group + 1) * _TOGETHER]
        held = np.zeros(self._n_links, dtype=np.int64)
        for name in names:
            for cell in self.opened(name, unknown):
                held[list(self._links_of[cell])] += 1
        need = np.where(held > 0, np.maximum(_ENOUGH - held, 0), 0)
        near = self._near(names[len(names) // 2], _NEAR * _BESIDE)
        rooms = {name: self._room(name, unknown)[0] for name in near if name not in names}
        return names + _chosen(rooms, need, _BESIDE)

    def partners(
        self, own: Iterable[int], unknown: Collection[int], avoided: Collection[str | None], most: int
    ) -> list[str]:
        """Return schools with large gaps in the sums that tie a school's own gaps to others.

        Args:
            own: The open cells of a school, or those of no school.
            unknown: What a reader does not see.
            avoided: Schools that are no partners; the own one is among them.
            most: So many at most.
        """
        own = list(own)
        need = np.zeros(self._n_links, dtype=np.int64)
        links = {each for cell in own for each in self._links_of[cell]}
        need[list(links)] = most * self._instance.thresholds.min_interval_width // 4
        block = self._block.get(own[0]) if own else None
        near = self._near(block, _NEAR * most)
        rooms = {name: self._room(name, unknown)[1] for name in near if name not in avoided}
        return _chosen(rooms, need, most)

    def _room(self, block: str, unknown: Collection[int]) -> tuple[Room, Room]:
        """Return in which sums that tie schools together a school has a gap (1), and the students of its gap there."""
        if block not in self._rooms:
            cells = self._instance.cells
            gaps, students = np.zeros((2, self._n_links), dtype=np.int64)
            for cell in self.opened(block, unknown):
                gaps[list(self._links_of[cell])] = 1
                students[list(self._links_of[cell])] = cells[cell].n
            self._rooms[block] = gaps, students
        return self._rooms[block]

    def _near(self, block: str | None, most: int) -> list[str]:
        """Return the schools around one in the order of the file, which goes round."""
        names, at = self._names, self._at.get(block, 0)
        if len(names) <= most:
            return [name for name in names if name != block]
        steps = range(-(most // 2), most // 2 + 1)
        return [name for step in steps if (name := names[(at + step) % len(names)]) != block]


def _chosen(rooms: Mapping[str, Room], need: Room, most: int) -> list[str]:
    """Return schools that together offer what sums need: what offers most comes first, of several the first by name."""
    names, chosen = sorted(rooms), list[str]()
    offered = np.array([rooms[name] for name in names]).reshape(len(names), len(need))
    while names and len(chosen) < most:
        worth = np.minimum(offered, need).sum(axis=1)
        best = int(worth.argmax())
        if not worth[best]:
            break
        chosen.append(names[best])
        need = np.maximum(need - offered[best], 0)
        offered[best] = 0
    return chosen
