"""Prove of small groups that they stay open, by points that a reader cannot rule out.

The audit's own bounds ask of every target how low and how high it can be, over all that sums tie together. Here a
point is enough: differences from the truth that keep every sum, and that leave somebody in every gap. Where they carry
a target far enough, it is open, for every pattern that has these gaps and for every reader who knows none of them. So
a district is proved school by school, each beside a few others, and what was proved stays proved until one of its
gaps is shown again.

A proof is a proof; that none was found proves nothing.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from aimline.disclosure.circles import Circle, Proof, Reach, proof_of
from aimline.disclosure.instance import Instance, View
from aimline.disclosure.neighbours import Neighbours
from aimline.warehouse import processors

Known = frozenset[int]
NOBODY: Known = frozenset()

_PARTNERS = (8, 24, 60)
"""How many schools move beside a target's own; more where the first are not enough: a gap more costs readers more."""

_N_WHOLE = 500
"""So many unknown cells are moved as a whole."""

_WIDE = 1_500
"""Of more cells than so what moves is to outlast that somebody leaves: some of so many do soon."""

_FEW = 8
"""So many targets of a group of schools are proved school by school."""


class Audience:
    """Readers of the same pages, with what was proved about the targets for all of them."""

    def __init__(self, instance: Instance, views: list[View]) -> None:
        """Sort out what these readers never see, and what each knows besides."""
        self._instance = instance
        self.views = views
        self._never = {number for number, cell in enumerate(instance.cells) if not views[0].reads(cell)}
        self.unknown: set[int] = set(self._never)
        self.known = {view.knows for view in views}
        self._knowers: dict[int, list[Known]] = defaultdict(list)
        for known in sorted(self.known, key=sorted):
            for cell in known:
                self._knowers[cell].append(known)
        everybody = frozenset.intersection(*self.known)
        hidden = instance.thresholds.hidden_complements_protected
        self.targets = [
            number
            for number in instance.small
            if number not in everybody and (instance.cells[number].is_printed or hidden)
        ]
        self.is_target = frozenset(self.targets)
        self._proofs: dict[int, list[Proof]] = {target: [] for target in self.targets}
        self._told: dict[Proof, set[int]] = {}
        self._neighbours = Neighbours(instance)

    def show(self, gaps: Collection[int]) -> None:
        """Take over a pattern; what was proved with a gap that is shown now is forgotten."""
        unknown = self._never | set(gaps)
        for cell in self.unknown - unknown:
            self._forget(cell)
        self._neighbours.forget(self.unknown ^ unknown)
        self.unknown = unknown

    def reveal(self, gap: int) -> None:
        """Take over that one gap is shown now."""
        if gap in self.unknown and gap not in self._never:
            self.unknown.discard(gap)
            self._neighbours.forget([gap])
            self._forget(gap)

    def _forget(self, gap: int) -> None:
        for proof in self._moving(gap):
            for target in self._told.pop(proof):
                self._proofs[target] = [held for held in self._proofs[target] if held is not proof]

    def _moving(self, gap: int) -> list[Proof]:
        return [proof for proof in self._told if gap in proof.moved]

    def hide(self, gaps: Collection[int]) -> None:
        """Take over that some more cells are hidden; what was proved stays so."""
        self.unknown |= set(gaps)
        self._neighbours.forget(gaps)

    def users(self, gap: int) -> set[int]:
        """Return the targets of which something is proved by moving a gap."""
        return {target for proof in self._moving(gap) for target in self._told[proof]}

    def open_for(self, target: int, without: int | None = None) -> list[Known]:
        """Return what readers know for whom a target is not proved yet; ``without`` is a gap that may not be used."""
        proofs = [proof for proof in self._proofs[target] if without not in proof.moved]
        if not proofs:
            return [NOBODY if NOBODY in self.known else min(self._strangers(target), key=sorted)]
        if not self._knowers:
            return []
        touching = {known for cell in proofs[0].moved for known in self._knowers.get(cell, ())}
        return [
            known
            for known in sorted(touching, key=sorted)
            if target not in known and all(not proof.moved.isdisjoint(known) for proof in proofs)
        ]

    def proved(self) -> list[tuple[Proof, tuple[int, ...]]]:
        """Return every proof, and which targets it is of, in the order of these."""
        told = [(proof, tuple(sorted(targets))) for proof, targets in self._told.items()]
        return sorted(told, key=lambda each: (each[1], sorted(each[0].moved)))

    def is_open(self, target: int, known: Known) -> bool:
        """Say whether a target is not proved to somebody who knows some cells, and is none of them."""
        return target not in known and all(not proof.moved.isdisjoint(known) for proof in self._proofs[target])

    def _strangers(self, target: int) -> list[Known]:
        return [known for known in self.known if target not in known]

    def prove(self, targets: Iterable[int], without: int | None = None) -> dict[int, Known]:
        """Prove targets, school by school; return those that were not proved, with what a reader knows there.

        In a large district groups of schools that are neighbours in the order of the file are proved side by side: no
        group asks what was proved of another, so it is the same with any number of processors.

        Args:
            targets: Which.
            without: A gap that may not be used; then a few schools move at most, and the first target that is not
                proved ends it.
        """
        if without is not None or len(self.unknown) <= _N_WHOLE:
            return self._prove_group(list(targets), without)
        groups: dict[int, list[int]] = defaultdict(list)
        for target in targets:
            groups[self._neighbours.group(target)].append(target)
        with ThreadPoolExecutor(processors()) as pool:
            answers = pool.map(self._prove_group, groups.values())
            return {target: known for failed in answers for target, known in failed.items()}

    def _prove_group(self, targets: list[int], without: int | None = None) -> dict[int, Known]:
        """Prove the targets of a group; nothing that is proved of others is looked at."""
        failed: dict[int, Known] = {}
        if len(self.unknown) > _N_WHOLE:
            self._prove_together(targets, without)
        waiting = self._waiting(targets, without, failed)
        while waiting:
            block, known = next(iter(waiting))
            asked = [each for each in waiting.pop((block, known)) if known in self.open_for(each, without)]
            left = self._prove_block((block, asked), (known, without))
            failed |= dict.fromkeys(left, known)
            if failed and without is not None:
                break
            for target in set(asked) - left:
                for more in self.open_for(target, without):
                    if target not in failed and target not in waiting[block, more]:
                        waiting[block, more].append(target)
        return failed

    def _prove_together(self, targets: Iterable[int], without: int | None) -> None:
        """Prove targets of which nothing is proved, many schools beside each other: a move tells of all of them."""
        groups: dict[int, list[int]] = defaultdict(list)
        for target in targets:
            is_asked = target in self.unknown and target != without
            if is_asked and all(without in proof.moved for proof in self._proofs[target]):
                groups[self._neighbours.group(target)].append(target)
        for group, aimed in groups.items():
            if group >= 0 and len(aimed) > _FEW:
                names = (None, *self._neighbours.together(group, self.unknown))
                around = {cell for name in names for cell in self._open_cells(name)}
                reaches = self._reaches(aimed)
                for done in Circle(self._instance, around - {without}).carry_together(reaches):
                    self._keep_moved({target: reaches[target] for target in done})

    def _reaches(self, targets: Iterable[int]) -> dict[int, Reach]:
        cells, width = self._instance.cells, self._instance.thresholds.min_interval_width
        return {target: Reach((cells[target].x, cells[target].y), width) for target in targets}

    def _keep_enough(self, reaches: dict[int, Reach]) -> None:
        """Keep what is proved of targets that came far enough, and take them out of what is asked."""
        done = [target for target, reach in reaches.items() if reach.is_enough]
        self._keep_moved({target: reaches.pop(target) for target in done})

    def _waiting(
        self, targets: Iterable[int], without: int | None, failed: dict[int, Known]
    ) -> dict[tuple[str | None, Known], list[int]]:
        """Sort targets by school and by what the readers know to whom they are not proved yet."""
        waiting: dict[tuple[str | None, Known], list[int]] = defaultdict(list)
        for target in targets:
            if target not in self.unknown or target == without:
                failed[target] = NOBODY
                continue
            for known in self.open_for(target, without):
                waiting[self._neighbours.block(target), known].append(target)
        return waiting

    def around(self, target: int, known: Known) -> frozenset[int]:
        """Return the cells of a target's school, of some partners, and of no school, but for those a reader knows."""
        block = self._neighbours.block(target)
        knowing = self._neighbours.blocks(known) - {None, block}
        partners = self._neighbours.partners(self._open_cells(block), self.unknown, knowing | {block}, _PARTNERS[0])
        names = [None, *partners] if block is None else [None, block, *partners]
        cells = {cell for name in names for cell in self._neighbours.cells(name)}
        return frozenset(cells if partners else range(len(self._instance.cells))) - known

    def _prove_block(self, aimed: tuple[str | None, list[int]], kept: tuple[Known, int | None]) -> set[int]:
        """Prove the targets of one school for one reader; return those that were not."""
        reaches = self._reaches(aimed[1])
        for circle in self._circles(aimed, kept):
            circle.carry(reaches, is_each=kept[1] is None, is_lasting=circle.n_cells > _WIDE)
            self._keep_enough(reaches)
            if not reaches:
                break
        return set(reaches)

    def _keep_moved(self, done: Mapping[int, Reach]) -> None:
        """Remember what moved for each target; in a large district once for all, as nearly all of it is the same."""
        if len(self.unknown) <= _N_WHOLE:
            for target, reach in done.items():
                self.keep([target], proof_of([reach]))
        else:
            self.keep(done, proof_of(done.values()))

    def keep(self, targets: Iterable[int], proof: Proof) -> None:
        """Remember what proves some targets."""
        new = [target for target in targets if target not in self._told.get(proof, ())]
        if not new:
            return
        self._told.setdefault(proof, set()).update(new)
        for target in new:
            self._proofs[target].append(proof)

    def _circles(self, aimed: tuple[str | None, list[int]], kept: tuple[Known, int | None]) -> Iterator[Circle]:
        """Yield ever wider circles around a school: with partners no proof stands on yet, with more, with all."""
        block, targets = aimed
        known, without = kept
        own = self._open_cells(block)
        closed = known | ({without} if without is not None else NOBODY)
        is_small = len(self.unknown) <= _N_WHOLE
        if is_small and len(self.known) == 1:
            yield Circle(self._instance, self.unknown - closed)
            return
        used = self._neighbours.blocks(
            cell for target in targets for proof in self._proofs[target] for cell in proof.moved
        )
        knowing = self._neighbours.blocks(known) - {None, block}
        tried = set()
        for most in _PARTNERS if without is None else _PARTNERS[:1]:
            for avoided in (used | knowing, knowing) if used - {block, None} else (knowing,):
                partners = tuple(self._neighbours.partners(own, self.unknown, avoided | {block}, most))
                if partners not in tried:
                    tried.add(partners)
                    around = {cell for name in (block, None, *partners) for cell in self._open_cells(name)}
                    yield Circle(self._instance, around - closed)
        if is_small:
            yield Circle(self._instance, self.unknown - closed)

    def _open_cells(self, block: str | None) -> list[int]:
        return self._neighbours.opened(block, self.unknown)


def audiences_of(instance: Instance) -> list[Audience]:
    """Group the readers of an instance by the pages they hold."""
    views: dict[frozenset[str] | None, list[View]] = {}
    for view in instance.views:
        views.setdefault(view.sees, []).append(view)
    return [Audience(instance, each) for each in views.values()]
