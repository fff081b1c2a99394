"""Work out what every reader can derive from what is shown. Nothing here knows how the gaps were chosen.

For each view the cells it does not hold are unknowns of two systems with the same sums, one for the favourable
students and one for the others, both at least zero. Elimination tells what the sums alone determine; linear programs
tell how far each small cell stays open; pools are the sums of gaps that can be computed. A reader who knows what a
gap means also knows that somebody is in it: that reader's system joins the two.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from aimline.disclosure.aware import AwareReader, Rule, RuleAudit
from aimline.disclosure.bounds import TOLERANCE, Polytope, Row, UndecidedError
from aimline.disclosure.elimination import PRIME, alike_rows, reduced_rows
from aimline.disclosure.instance import Instance, View
from aimline.disclosure.pools import Pool, derived_pools, told_pools

Interval = tuple[float, float]


@dataclass
class ViewAudit:
    """What one reader derives; every list holds numbers of targets.

    Attributes:
        name: The view.
        targets: Small cells the reader does not know beside the pages.
        n_known: So many of the targets the reader knows, where the list is shared by several.
        exact: Count and result are determined.
        result_known: The favourable ones are determined.
        all_or_none: Everybody answered alike, and that is known.
        stiff: The favourable ones, or the others, are known to less than one student, or known to be none.
        narrow: The count is known nearly.
        undecided: The solver gave no answer.
        pools: Sums of unknown cells that can be computed from one relation.
        derived: Those that follow from several.
        counts: Interval of the students of each target.
        favourable: Interval of the favourable ones.
        others: Interval of those who are not.
        rule: What a reader derives who knows what a gap means; None when not asked.
    """

    name: str
    targets: list[int]
    n_known: int = 0
    exact: list[int] = field(default_factory=list)
    result_known: list[int] = field(default_factory=list)
    all_or_none: list[int] = field(default_factory=list)
    stiff: list[int] = field(default_factory=list)
    narrow: list[int] = field(default_factory=list)
    undecided: list[int] = field(default_factory=list)
    pools: list[Pool] = field(default_factory=list)
    derived: list[Pool] = field(default_factory=list)
    counts: dict[int, Interval] = field(default_factory=dict)
    favourable: dict[int, Interval] = field(default_factory=dict)
    others: dict[int, Interval] = field(default_factory=dict)
    rule: RuleAudit | None = None


@dataclass(frozen=True)
class Audit:
    """The audit of one pattern: one report a view."""

    instance: Instance
    views: tuple[ViewAudit, ...]


@dataclass(frozen=True)
class Part:
    """Unknown cells that sums tie together, and these sums as rows over them.

    Attributes:
        instance: The truth.
        cells: Numbers of the cells, in file order.
        relations: Numbers of the sums.
    """

    instance: Instance
    cells: tuple[int, ...]
    relations: tuple[int, ...]

    @cached_property
    def place(self) -> dict[int, int]:
        """Return the position of every cell in ``cells``."""
        return {cell: position for position, cell in enumerate(self.cells)}

    @cached_property
    def rows(self) -> tuple[Mapping[int, int], ...]:
        """Return the coefficients of every sum by position in ``cells``."""
        place, relations = self.place, [self.instance.relations[number] for number in self.relations]
        rows = [{place[part]: -1 for part in each.parts if part in place} for each in relations]
        return tuple(
            {place[each.total]: 1, **row} if each.total in place else row
            for each, row in zip(relations, rows, strict=True)
        )

    @cached_property
    def lengths(self) -> list[int]:
        """Return how many cells every sum has, known ones too."""
        return [len(self.instance.relations[number].parts) + 1 for number in self.relations]

    @cached_property
    def whole(self) -> tuple[Mapping[int, int], ...]:
        """Return the same rows with the known cells too, by number."""
        return tuple(_signs(self.instance, number) for number in self.relations)

    @property
    def x(self) -> tuple[int, ...]:
        """Return the right-hand sides for the favourable ones: what is known, moved there."""
        return self._known([cell.x for cell in self.instance.cells])

    @property
    def y(self) -> tuple[int, ...]:
        """Return the right-hand sides for the others."""
        return self._known([cell.y for cell in self.instance.cells])

    def _known(self, values: Sequence[int]) -> tuple[int, ...]:
        return tuple(
            -sum(sign * values[cell] for cell, sign in signs.items() if cell not in self.place) for signs in self.whole
        )


def naive_gaps(instance: Instance) -> frozenset[int]:
    """Return the naive pattern: exactly the printed cells with ``1 <= n < n_min``."""
    low, high = 1, instance.thresholds.n_min
    return frozenset(place for place, cell in enumerate(instance.cells) if cell.is_printed and low <= cell.n < high)


def audit_pattern(instance: Instance, gaps: Collection[int], rule: Rule | None) -> Audit:
    """Report on a pattern.

    Args:
        instance: The truth.
        gaps: Numbers of the printed cells that are hidden.
        rule: What readers know of a gap; None leaves that reader out.
    """
    hidden = frozenset(gaps)
    return Audit(instance, tuple(audit_view(instance, view, (hidden, rule)) for view in instance.views))


def audit_view(
    instance: Instance,
    view: View,
    pattern: tuple[frozenset[int], Rule | None],
    aimed_at: Collection[int] | None = None,
) -> ViewAudit:
    """Report on what one reader derives of a pattern, about all targets or about some only."""
    gaps, rule = pattern
    unknown = {
        number
        for number, cell in enumerate(instance.cells)
        if number not in view.knows and (number in gaps or not view.reads(cell))
    }
    protected = instance.thresholds.hidden_complements_protected
    targets = [
        number
        for number in instance.small
        if number not in view.knows and (instance.cells[number].is_printed or protected)
    ]
    told = ViewAudit(view.name, targets, pools=told_pools(instance, unknown), rule=RuleAudit() if rule else None)
    for target in targets:
        if target not in unknown:
            _tell_shown(told, instance, target)
    for part in parts_of(instance, unknown):
        held = set(part.cells)
        aims = [target for target in targets if target in held and (aimed_at is None or target in aimed_at)]
        if aims:
            _audit_part(told, instance, (part, aims), (gaps, rule))
    told.pools, told.derived = (elsewhere(instance, each, gaps) for each in (told.pools, told.derived))
    _judge(told, instance)
    return told


def elsewhere(instance: Instance, pools: Iterable[Pool], gaps: Collection[int]) -> list[Pool]:
    """Mark the pools in which nothing is hidden: their cells stand on pages that this reader does not hold."""
    cells = instance.cells
    return [
        replace(pool, is_elsewhere=True)
        if all(cell not in gaps and cells[cell].is_printed for cell in pool.cells)
        else pool
        for pool in pools
    ]


def _tell_shown(told: ViewAudit, instance: Instance, target: int) -> None:
    """Put down a small cell that is simply visible."""
    cell = instance.cells[target]
    told.counts[target] = (float(cell.n), float(cell.n))
    told.favourable[target] = (float(cell.x), float(cell.x))
    told.others[target] = (float(cell.y), float(cell.y))
    if told.rule:
        told.rule.exact.append(target)


def _audit_part(
    told: ViewAudit, instance: Instance, aimed: tuple[Part, list[int]], known: tuple[frozenset[int], Rule | None]
) -> None:
    """Derive what the sums of one part tell of its targets."""
    part, targets = aimed
    fixed, rows = solved(part)
    aimed_at = set(targets)
    told.derived += derived_pools(
        instance, [row for row in rows if not aimed_at.isdisjoint(row)], set(part.cells), told.pools
    )
    place = part.place
    if instance.thresholds.counts_known:
        _audit_results(told, instance, (part, targets, fixed), place)
        return
    systems = [
        Polytope(len(part.cells), [Row(row, side, side) for row, side in zip(part.rows, sides, strict=True)])
        for sides in (part.x, part.y)
    ]
    gaps, rule = known
    limits = [
        (place[cell], rule.low, rule.high) for cell in part.cells if rule and cell in gaps and instance.cells[cell].n
    ]
    truth = [(instance.cells[cell].x, instance.cells[cell].y) for cell in part.cells]
    reader = AwareReader((part.rows, part.x, part.y), limits, truth)
    for target in targets:
        cell = instance.cells[target]
        try:
            x, y = [
                (float(value), float(value))
                if target in fixed
                else _interval(system, {place[target]: 1.0}, partial(reader.see, side))
                for side, (system, value) in enumerate(zip(systems, (cell.x, cell.y), strict=True))
            ]
        except UndecidedError:
            told.undecided.append(target)
            continue
        told.favourable[target], told.others[target] = x, y
        told.counts[target] = (x[0] + y[0], x[1] + y[1])
    if told.rule:
        told.undecided += reader.derive(told.rule, {target: place[target] for target in targets})


def _audit_results(
    told: ViewAudit, instance: Instance, aimed: tuple[Part, list[int], set[int]], place: Mapping[int, int]
) -> None:
    """Derive what the sums of one part tell of the results of its targets, to somebody who knows every count."""
    part, targets, fixed = aimed
    rows = [Row(row, side, side) for row, side in zip(part.rows, part.x, strict=True)]
    rows += [Row({place[cell]: 1.0}, 0.0, float(instance.cells[cell].n)) for cell in part.cells]
    system = Polytope(len(part.cells), rows)
    for target in targets:
        n, x = float(instance.cells[target].n), float(instance.cells[target].x)
        try:
            low, high = (x, x) if target in fixed else _interval(system, {place[target]: 1.0})
        except UndecidedError:
            told.undecided.append(target)
            continue
        told.counts[target] = (n, n)
        told.favourable[target], told.others[target] = (low, high), (n - high, n - low)
        if told.rule and high - low < TOLERANCE:
            told.rule.exact.append(target)


def solved(part: Part, *, is_sourced: bool = True) -> tuple[set[int], list[dict[int, int]]]:
    """Return the cells that the sums determine, and the reduced rows, with the known cells they come from.

    Of a district the known cells are most of the work: without ``is_sourced`` they are left out, of the same rows.
    """
    place, lengths = part.place, part.lengths
    beyond = len(place)
    number, equations = place, list(part.rows)
    if is_sourced:
        number = {**place, **{cell: beyond + cell for row in part.whole for cell in row if cell not in place}}
        equations = [{number[cell]: value for cell, value in row.items()} for row in part.whole]
    back = {each: cell for cell, each in number.items()}
    rows = [{back[each]: value for each, value in row.items()} for row in reduced_rows(equations, beyond, lengths)]
    unknowns = [[cell for cell in row if cell in place] for row in rows]
    return {cells[0] for cells in unknowns if len(cells) == 1}, rows


def added_up(part: Part, *, is_sourced: bool) -> list[dict[int, int]]:
    """Return the reduced rows of a part that add its cells up; with the known cells they come from if that is asked.

    These are not always the rows of ``solved``: of a large part other cells are solved for.
    """
    place, beyond = part.place, len(part.place)
    equations: list[Mapping[int, int]] = list(part.rows)
    if is_sourced:
        equations = [{**row, beyond + number: 1} for number, row in enumerate(part.rows)]
    rows = []
    for row in alike_rows(equations, beyond, part.lengths):
        told = {part.cells[each]: value for each, value in row.items() if each < beyond}
        known: dict[int, int] = defaultdict(int)
        for number, times in ((each - beyond, value) for each, value in row.items() if each >= beyond):
            for cell, sign in part.whole[number].items():
                known[cell] += sign * times
        rows.append(told | {cell: value for cell, value in known.items() if value % PRIME and cell not in place})
    return rows


def _interval(
    system: Polytope, quantity: Mapping[int, float], see: Callable[[Sequence[float]], None] | None = None
) -> Interval:
    """Return how low and how high a quantity can be; show the points where it is."""
    ends = []
    for extreme in (system.lowest, system.highest):
        ends.append(extreme(quantity))
        if see and system.point:
            see(system.point)
    return ends[0], ends[1]


def _judge(told: ViewAudit, instance: Instance) -> None:
    """Sort the targets by what their intervals give away."""
    limits = instance.thresholds
    for target in sorted(told.counts):
        x, y = told.favourable[target], told.others[target]
        low, high = x if limits.counts_known else told.counts[target]
        width, least = high - low, limits.min_interval_width
        if limits.counts_known:
            least = min(limits.result_width, instance.cells[target].n)  # of one student nobody can doubt more than one
        if width < TOLERANCE:
            told.exact.append(target)
        if x[1] - x[0] < TOLERANCE:
            told.result_known.append(target)
        if min(x[1], y[1]) < TOLERANCE:
            told.all_or_none.append(target)
        if min(x[1] - x[0], x[1], y[1] - y[0], y[1]) < 1 - TOLERANCE:
            told.stiff.append(target)
        if width < least - TOLERANCE:
            told.narrow.append(target)
    told.undecided = sorted(set(told.undecided))


def parts_of(instance: Instance, unknown: Collection[int]) -> list[Part]:
    """Split the unknown cells into what sums tie together."""
    leader = {cell: cell for cell in unknown}

    def lead(cell: int) -> int:
        while leader[cell] != cell:
            leader[cell] = leader[leader[cell]]
            cell = leader[cell]
        return cell

    tied = {}
    for number, relation in enumerate(instance.relations):
        open_cells = [cell for cell in relation.cells if cell in leader]
        if open_cells:
            tied[number] = open_cells[0]
            head = lead(open_cells[0])
            for cell in open_cells[1:]:
                leader[lead(cell)] = head
    cells, relations = defaultdict(list), defaultdict(list)
    for cell in sorted(unknown):
        cells[lead(cell)].append(cell)
    for number, cell in tied.items():
        relations[lead(cell)].append(number)
    return [Part(instance, tuple(members), tuple(relations[head])) for head, members in cells.items()]


def _signs(instance: Instance, number: int) -> dict[int, int]:
    relation = instance.relations[number]
    return {relation.total: 1, **dict.fromkeys(relation.parts, -1)}
