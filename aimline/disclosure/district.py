"""Protect a district school by school, then what ties the schools together.

Within a school the search finds few gaps. The sums over schools are kept by counting, and every small group is proved
open by moving its school beside a few others. What cannot be proved, there more is hidden; what is not needed is
shown again. Nothing here is decided by a clock, so the same district has the same gaps every time.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import partial

from aimline.disclosure.audit import Audit
from aimline.disclosure.certificates import Audience, audiences_of
from aimline.disclosure.counting import Counting
from aimline.disclosure.instance import Instance, Relation, View
from aimline.disclosure.pools import Pool
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.proofs import Fingerprint, Proofs
from aimline.disclosure.relations import Reader, Task, task_of
from aimline.disclosure.repair import Doubt, broken_rules
from aimline.disclosure.report import failures, is_clean
from aimline.disclosure.search import NoPatternError, Search

Gaps = frozenset[int]
_N_REPAIRS = 60
_N_ELSEWHERE = 3  # so many gaps in other schools are tried for one target before one in its own is taken
_N_HARD = 8
"""So many targets that were not proved before are asked first whether they need a gap: where one does, none else is."""

_LONELY = 0.4
"""What a gap costs more whose sum over schools has no other."""


@dataclass(frozen=True)
class _Piece:
    """The cells of a school, or those of no school, as a table of their own."""

    cells: tuple[int, ...]
    instance: Instance
    has_readers: bool


class District:
    """A district that is being protected."""

    def __init__(
        self, instance: Instance, previous: Collection[int] = (), n_rounds: int = 1, proofs: Proofs | None = None
    ) -> None:
        """Take over an earlier pattern where there is one.

        Args:
            instance: Cells, sums and readers.
            previous: Gaps of an earlier pattern; they are kept where they still serve.
            n_rounds: How often to look for a cheaper pattern within each school.
            proofs: What was proved of an earlier night; only schools that changed since are protected anew.
        """
        self.instance = instance
        self._previous = frozenset(previous)
        self._n_rounds = n_rounds
        self.counting = Counting(instance, self._previous)
        self.audiences = audiences_of(instance)
        self.told = Fingerprint.of(instance)
        self._needed: set[int] = set()
        self._proofs = proofs
        self._changed = None if proofs is None else proofs.changed(self.told)
        self._settled: Gaps = frozenset()
        self._own: set[int] = set()
        self._tried: set[int] = set()
        self._hard: set[int] = set()

    def ask(self, cells: Collection[int]) -> None:
        """Hide cells whatever else is."""
        self._needed |= set(cells) & self.counting.choices

    def protect(self) -> tuple[Gaps, Audit]:
        """Return a safe pattern, and its audit.

        Raises:
            NoPatternError: None was found.
        """
        for name in self._begin():
            gaps = self._within(name)
            self._own |= gaps
            self.counting.hide(gaps)
        self.counting.hide(self._needed)
        self.counting.repair(self._touched_sums())
        self._remember()
        for _ in range(_N_REPAIRS):
            self._prove()
            self._clean()
            audit = prove_pattern(self.instance, self.counting.gaps, self.audiences)
            if is_clean(audit):
                return frozenset(self.counting.gaps), audit
            if not self._answer(audit):
                break
        views = {view.name: view for view in self.instance.views}
        open_to = next(told.name for told in audit.views if failures(told, self.instance))
        raise NoPatternError(_reader(self.instance, views[open_to]), None)

    def _begin(self) -> list[str | None]:
        """Return the schools to protect: those whose numbers changed since the proofs, or all of them.

        What is hidden of no school stays so: it changes every night, and nearly every proof moves it.
        """
        everything: list[str | None] = [None, *self.instance.blocks]
        if self._proofs is None or self._changed is None:
            return everything
        own: dict[str | None, tuple[int, ...]] = {None: self.instance.beyond}
        own.update(self.instance.blocks)
        touched = [name for name in everything if not self._changed.isdisjoint(own[name])]
        closed = {cell for name in touched if name is not None for cell in own[name]}
        self.counting.hide((self._proofs.gaps & self.counting.choices) - closed)
        self._settled = frozenset(self.counting.gaps - closed)
        return touched

    def _touched_sums(self) -> Collection[int]:
        """Return the sums to look through: those in which a number or a gap is another than in the proofs, or all.

        The others were kept then, and nothing in them is different now.
        """
        if self._proofs is None or self._changed is None:
            return range(len(self.instance.relations))
        cells = self._changed | (self._proofs.gaps ^ self.counting.gaps)
        return sorted({place for cell in cells for place in self.instance.sums_of[cell]})

    def _remember(self) -> None:
        """Let the audiences know which proofs of an earlier night still stand under the gaps of now."""
        if self._proofs is not None and self._changed is not None:
            for audience in self.audiences:
                audience.show(self.counting.gaps)
            self._proofs.teach(self.audiences, self._proofs.losses(self.instance, self._changed))

    def _answer(self, audit: Audit) -> bool:
        """Hide or show something for each pool that follows from several sums; say whether anything changed."""
        limits, before = self.instance.thresholds, len(self.counting.gaps)
        pools = [pool for told in audit.views for pool in (*told.pools, *told.derived)]
        for pool in pools:
            if pool.is_small(limits) or pool.is_one_sided(limits):
                near = {other for cell in (*pool.source, *pool.cells) for other in self._tied(cell)}
                offered = ((set(pool.source) | near) & self.counting.choices) - self.counting.gaps
                if offered:
                    best = min(offered, key=partial(self._rank, pool))
                    self.counting.hide([best])
                    self._needed.add(best)
        self.counting.repair(range(len(self.instance.relations)))
        return len(self.counting.gaps) > before

    def _rank(self, pool: Pool, cell: int) -> tuple[bool, float, int]:
        return cell not in pool.source, self.counting.price(cell), cell

    def _tied(self, cell: int) -> set[int]:
        return {other for place in self.instance.sums_of[cell] for other in self.instance.relations[place].cells}

    def _within(self, name: str | None) -> set[int]:
        """Return the gaps of one school by its own sums, those first that other schools have too."""
        piece = _piece(self.instance, name)
        if not piece.has_readers:
            return set()
        task = task_of(piece.instance)
        kept = {place for place, cell in enumerate(piece.cells) if cell in self._previous}
        search = Search(task, self._weights(piece, task, kept), 0 if kept else self._n_rounds)
        gaps = search.first(frozenset(kept & set(task.choices)))
        if self._n_rounds and not kept:
            gaps = search.cheapest(gaps)
        return {piece.cells[place] for place in gaps}

    def _weights(self, piece: _Piece, task: Task, kept: Collection[int]) -> dict[int, float]:
        counting = self.counting
        costs = {place: counting.cost(piece.cells[place]) for place in task.choices}
        whole = 2.0 * sum(costs.values())
        own = set(piece.cells)
        held = Counter(each for cell in own & counting.gaps for each in self.instance.sums_of[cell])
        return {
            place: 1.0 + cost / whole + (0.0 if place in kept else self._loneliness(piece.cells[place], own, held))
            for place, cost in costs.items()
        }

    def _loneliness(self, cell: int, own: Collection[int], held: Mapping[int, int]) -> float:
        """Return what a cell costs more because no other school hides it too; ``held`` are the own gaps by sum."""
        for place in self.instance.sums_of[cell]:
            total = self.instance.relations[place].total
            if total in own or total in self.counting.gaps:
                continue
            if self.counting.n_gaps[place] == held.get(place, 0):
                return _LONELY
        return 0.0

    def _prove(self) -> None:
        """Hide more, school by school, until every target is proved open to every reader.

        What is proved stays so when more is hidden, so each school is looked at until it is done, and then no more.

        Raises:
            NoPatternError: Hiding more does not help.
        """
        for audience in self.audiences:
            audience.show(self.counting.gaps)
        for audience in self.audiences:
            self._open(audience, audience.prove(audience.targets))

    def _open(self, audience: Audience, failed: Mapping[int, Gaps]) -> None:
        """Hide more for one target after the other, until all are proved; each is proved again for itself."""
        before = len(self.counting.gaps)
        for target in sorted(failed):
            is_same = len(self.counting.gaps) == before
            left = {target: failed[target]} if is_same else audience.prove([target])
            for n_asked in range(_N_REPAIRS):
                if not left:
                    break
                self._help(audience, target, left[target], is_own=n_asked >= _N_ELSEWHERE)
                left = audience.prove([target])
            if left:
                raise self._refused(audience, target, left[target])

    def _help(self, audience: Audience, target: int, known: Gaps, *, is_own: bool) -> None:
        """Hide one more cell for a target, and what the sums of that cell ask for then."""
        more = self._more(audience, target, known, is_own=is_own)
        if more is None:
            raise self._refused(audience, target, known)
        self._hard.add(target)
        self.counting.hide([more])
        added = {more} | self.counting.repair(self.instance.sums_of[more])
        for each in self.audiences:
            each.hide(added)

    def _refused(self, audience: Audience, target: int, known: Gaps) -> NoPatternError:
        """Return what is raised where nothing hides a target from somebody who knows some cells."""
        view = next(view for view in audience.views if view.knows == known)
        return NoPatternError(_reader(self.instance, view), target)

    def _more(self, audience: Audience, target: int, known: Gaps, *, is_own: bool = False) -> int | None:
        """Return the cell whose hiding helps a target most: by the prices of its own school and some partners.

        With ``is_own`` a cell of its own school comes first: in a large district one gap in each of many others may
        be the cheapest every time and never be enough. Where none of its own would help, what helps most does.
        """
        around = audience.around(target, known)
        view = View("", audience.views[0].sees, known)
        reader = _reader(self.instance, view, around)
        worth: dict[int, float] = {}
        doubt = Doubt(self.instance, reader, around)
        doubt.open(around & self.counting.gaps)
        moves = list(zip(*(doubt.move(target, sign) for sign in (1, -1)), strict=True))
        rules = broken_rules((self.instance, reader), target, moves)
        for rule in rules:
            for cell, weight in rule.weights.items():
                worth[cell] = worth.get(cell, 0.0) + weight / max(rule.least, 1e-6)
        offered = worth or self._beside(target, around)
        hidden, choices = self.counting.gaps, self.counting.choices
        free = [cell for cell in offered if cell in choices and cell not in hidden and cell not in known]
        own = [cell for cell in free if self._is_together(cell, target)]
        if is_own and not own:  # the cheapest were tried and are not enough: now what helps most
            return min(
                free, key=lambda cell: (-min(offered[cell], len(rules)), self.counting.price(cell), cell), default=None
            )
        asked = own if is_own else free
        return min(asked, key=lambda cell: (self.counting.price(cell) / offered[cell], cell), default=None)

    def _beside(self, target: int, around: Collection[int]) -> Mapping[int, float]:
        """Return what stands in a sum with a target, else everything around: one more gap there may help."""
        near = {cell for place in self.instance.sums_of[target] for cell in self.instance.relations[place].cells}
        free = (near - self.counting.gaps) & self.counting.choices
        return dict.fromkeys(sorted(free or around), 1.0)

    def _clean(self) -> None:
        """Show again what need not be hidden, the most useful first.

        What a school's own sums need, they need in the district too: only what was hidden besides is looked at, and
        what stands in a sum with that, each once.
        """
        secondary = self.counting.gaps - self.counting.primary - self._needed - self._settled
        more = {cell for cell in secondary - self._own if cell not in self._tried}
        tied = {other for cell in more for other in self._tied(cell) if self._is_together(cell, other)}
        tried = more | (tied & secondary)
        self._tried |= tried
        for gap in sorted(tried, key=lambda cell: (-self.counting.cost(cell), cell)):
            if not self.counting.is_kept_without(gap):
                continue
            if all(not self._without(audience, gap) for audience in self.audiences):
                self.counting.show(gap)
                for audience in self.audiences:
                    audience.reveal(gap)

    def _is_together(self, one: int, other: int) -> bool:
        return self.instance.cells[one].unit_id == self.instance.cells[other].unit_id

    def _without(self, audience: Audience, gap: int) -> bool:
        """Say whether some target is not proved open any more without a gap; hard ones are asked first."""
        users = audience.users(gap)
        own = sorted(target for target in users if self._is_together(gap, target))
        near = [target for target in own if target in self._tied(gap)]
        hard = sorted(users & self._hard, key=lambda target: (target not in near, abs(target - gap)))
        for targets in (hard[:_N_HARD], near, own, sorted(users)):
            failed = audience.prove(targets, gap)
            if failed:
                self._hard |= failed.keys()
                return True
        return False


def _piece(instance: Instance, name: str | None) -> _Piece:
    cells = instance.beyond if name is None else instance.blocks[name]
    place = {cell: number for number, cell in enumerate(cells)}
    within = sorted({each for cell in cells for each in instance.sums_of[cell]})
    relations = []
    for each in within:
        relation = instance.relations[each]
        if relation.total in place and all(part in place for part in relation.parts):
            relations.append(Relation(place[relation.total], tuple(place[part] for part in relation.parts)))
    own = set(cells)
    views = {(view.sees, frozenset(place[cell] for cell in view.knows & own)): view for view in instance.views}
    seen = [
        View(f"{number}", sees, known)
        for number, (sees, known) in enumerate(views)
        if any(cell not in known for cell in range(len(cells)))
    ]
    table = Instance(
        name or "", instance.thresholds, tuple(instance.cells[cell] for cell in cells), tuple(relations), tuple(seen)
    )
    return _Piece(cells, table, bool(seen))


def _reader(instance: Instance, view: View, around: Collection[int] = ()) -> Reader:
    """Return a reader as the prices need it."""
    cells = instance.cells
    small = {cell for cell in around if instance.is_small(cell)}
    read = {cell for cell in around if view.reads(cells[cell])}
    closed = {cell for cell in around if (cell in small and cells[cell].is_printed) or cell not in read} - view.knows
    choices = {cell for cell in read if cells[cell].n > 0 and cell not in small} - view.knows
    return Reader(view, frozenset(closed), frozenset(choices), tuple(sorted(small - view.knows)))
