"""Judge what a reader works out of a release and those before it: condition A6 of disclosure.md 3.4.

Two things are asked of every layer whose people changed and that is printed anew. Whoever holds both releases may not
see a group that a few joined or left. And in one system of both, over the finest parts of the people that the two
tell apart, no small group of either release and no few who moved may follow: that a group is hidden now is nothing
where the same people stand in an earlier release. Reads what ``people`` laid out; how figures are held is not known
here. Counts alone are tied: results of the same people may differ, so each part counts as half favourable.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from aimline.disclosure.instance import Cell, Instance, Relation, Thresholds, View
from aimline.disclosure.layers import EVERYBODY, Readers, coalitions, with_own_people
from aimline.disclosure.release_audit import Failure, ReleaseAudit
from aimline.disclosure.verdicts import Verdict, judge_layer
from schemas.published import FIGURE_KEY

Row = Mapping[str, Any]
WHOLE = EVERYBODY[0]
CHECK = "A6"
CELL = ("unit_type", "unit_id", "group_set_id", "group_id")
LAYER = tuple(name for name in FIGURE_KEY if name not in CELL)


def layer_sql(alias: str) -> str:
    """Write the name of the layer of a row."""
    return f"concat_ws('|', {', '.join(f'{alias}.{name}' for name in LAYER)})"


class Reader(Protocol):
    """What is needed of a connection."""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Return the rows of a statement."""


@dataclass(frozen=True)
class Joint:
    """Both releases of a layer as one table, and what they hide."""

    instance: Instance
    gaps: tuple[int, ...]


def with_earlier(audited: ReleaseAudit, connection: Reader, asked: Thresholds, readers: Readers) -> ReleaseAudit:
    """Return the audit of a release with what it and earlier ones tell together.

    Args:
        audited: The release by itself.
        connection: Holds what ``people`` and ``gate`` laid out.
        asked: What must be kept.
        readers: Who reads it.
    """
    if not connection.rows(_ANEW):
        return audited
    populations = {row["layer"]: row["population_id"] for row in connection.rows(f"select * from ({_NAMED})")}
    judged = list(judged_together(connection, asked, readers))
    found = [
        *_few(connection, asked, readers),
        *(
            Failure(populations[layer], verdict.view, CHECK, layer, is_small=True)
            for layer, verdict in judged
            if not verdict.is_clean
        ),
    ]
    counts: Counter[tuple[str, str]] = Counter((each.population_id, each.view) for each in found)
    moved: Counter[tuple[str, str]] = Counter()
    for layer, verdict in judged:
        moved[populations[layer], verdict.view] += verdict.n_targets
    asked_about = [(each, (each.population_id, each.view)) for each in audited.certificates]
    certificates = tuple(
        replace(each, releases=counts[at], passed=each.passed and not counts[at], n_moved=moved[at])
        for each, at in asked_about
    )
    return ReleaseAudit(certificates, (*audited.failures, *dict.fromkeys(found)))


def told_together(connection: Reader, asked: Thresholds, readers: Readers) -> Iterator[tuple[str, Verdict]]:
    """Yield, of layers printed anew, where the judged release and the one that printed them last tell too much."""
    yield from (found for found in judged_together(connection, asked, readers) if not found[1].is_clean)


def judged_together(connection: Reader, asked: Thresholds, readers: Readers) -> Iterator[tuple[str, Verdict]]:
    """Yield the verdict of each reader on the layers printed anew, beside the release that printed them last."""
    cells, atoms = _by_layer(connection.rows(_CELLS)), _by_layer(connection.rows(_ATOMS))
    for layer in [row["layer"] for row in connection.rows(_ANEW)]:
        joint = joint_of(layer, cells.get(layer, []), atoms.get(layer, []), (asked, readers))
        yield from ((layer, each) for each in judge_layer(joint.instance, joint.gaps))


def joint_of(layer: str, cells: Iterable[Row], atoms: Iterable[Row], asked: tuple[Thresholds, Readers]) -> Joint:
    """Make one instance of two releases of a layer.

    Args:
        layer: Its name.
        cells: With unit_type, unit_id, group_set_id, group_id, cell_id, fate (now), status (then; None for not there).
        atoms: Finest parts of the people: group_set_id, before and after (units and groups, as ``unit/group`` parted
            by ``|``; empty for who was not there), n.
        asked: What must be kept, and who reads.
    """
    told = [_Atom.of(number, row) for number, row in enumerate(atoms)]
    made = [replace(each.cell, small=1 <= each.cell.n < asked[0].n_min) for each in told]
    sums: list[tuple[int, tuple[int, ...]]] = []
    gaps = []
    for row in cells:
        for side, fate, hidden in (("after", row["fate"], "hidden"), ("before", row["status"], "suppressed")):
            if fate in {None, "unprinted", "never_printed"}:
                continue
            parts = [tuple(held) for held in _parts(told, row, side) if held]
            n = sum(told[number].cell.n for number in parts[0]) if parts else 0
            if fate == hidden and n:
                gaps.append(len(made))
            sums += [(len(made), held) for held in parts]
            name = row["cell_id"] if side == "after" else f"{row['cell_id']}|before"
            made.append(_cell(name, n, row, asked[0]))
    relations = tuple(Relation(total, parts) for total, parts in sums)
    views = tuple(_views(made, told, asked[1]))
    instance = Instance(layer, asked[0], tuple(made), relations, views)
    if asked[1].coalition > 1:
        instance = replace(instance, views=(*views, *coalitions(instance)))
    return Joint(with_own_people(instance), tuple(gaps))


@dataclass(frozen=True)
class _Atom:
    """People of one set of groups who stood together in both releases."""

    cell: Cell
    group_set_id: str
    before: frozenset[tuple[str, str]]
    after: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, number: int, row: Row) -> "_Atom":
        """Read a row."""
        before, after = (
            frozenset(
                (unit, group) for unit, _, group in (each.rpartition("/") for each in row[side].split("|") if each)
            )
            for side in ("before", "after")
        )
        name = f"{row['group_set_id']}|{number}"
        return cls(Cell(name, row["n"], row["n"] / 2, is_printed=False), row["group_set_id"], before, after)

    def stood(self, side: str, row: Row) -> bool:
        """Say whether these people stood in a cell in one of the releases."""
        held = self.before if side == "before" else self.after
        if row["group_set_id"] == WHOLE:
            return any(unit == row["unit_id"] for unit, _ in held)
        return row["group_set_id"] == self.group_set_id and (row["unit_id"], row["group_id"]) in held

    @property
    def units(self) -> set[str]:
        """Return the units of these people in either release."""
        return {unit for unit, _ in self.before | self.after}


def _parts(atoms: Sequence[_Atom], row: Row, side: str) -> Iterator[list[int]]:
    """Yield, for each set of groups that tells of a cell, the atoms it is the sum of."""
    held: dict[str, list[int]] = defaultdict(list)
    for number, atom in enumerate(atoms):
        if atom.stood(side, row):
            held[atom.group_set_id].append(number)
    yield from (held[name] for name in sorted(held))


def _cell(name: str, n: int, row: Row, asked: Thresholds) -> Cell:
    x: Any = n / 2
    return Cell(
        name, n, x, audience=row["unit_id"], unit=row["unit_type"], unit_id=row["unit_id"],
        group="All" if row["group_set_id"] == WHOLE else row["group_id"],
        grade="all" if row["group_set_id"] == WHOLE else "some", small=1 <= n < asked.n_min,
    )  # fmt: skip


def _views(cells: Sequence[Cell], atoms: Sequence[_Atom], readers: Readers) -> Iterator[View]:
    """Yield the readers; an insider knows whoever is or was in the own unit."""
    for name, units in readers.held.items():
        own = readers.own.get(name)
        known = {number for number, atom in enumerate(atoms) if own in atom.units}
        known |= {number for number, cell in enumerate(cells) if own and cell.unit_id == own}
        yield View(name, units, frozenset(known if own else ()))


def _few(connection: Reader, asked: Thresholds, readers: Readers) -> Iterator[Failure]:
    """Yield the groups that a few joined or left between two releases that a reader holds."""
    few = f"between 1 and {asked.n_min - 1}"
    query = f"""
        select distinct truth.population_id, moves.unit_id, moves.group_set_id, moves.group_id
        from gate_moves as moves
        inner join ({_NAMED}) as truth using (layer, unit_type, unit_id)
        where layer not in (select layer from gate_held_layers) and (n_joined {few} or n_left {few})
        order by all
    """
    for row in connection.rows(query):
        target = f"{row['unit_id']}|{row['group_set_id']}|{row['group_id']}"
        for view, units in readers.held.items():
            if row["unit_id"] in units and readers.own.get(view) != row["unit_id"]:
                yield Failure(row["population_id"], view, CHECK, target, is_small=True)


def _by_layer(rows: Iterable[Row]) -> dict[str, list[Row]]:
    held: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        held[row["layer"]].append(row)
    return held


_ANEW = """
    select layer from gate_compared
    where is_changed and layer not in (select layer from gate_held_layers) order by layer
"""
"""The layers whose people changed and that are printed anew."""

_NAMED = f"""
    select distinct {layer_sql("truth")} as layer, unit_type, unit_id, population_id
    from gate_truth as truth where {layer_sql("truth")} in (select layer from gate_versions)
"""

_CELLS = f"""
    select
        {layer_sql("truth")} as layer, unit_type, unit_id, group_set_id, group_id, truth.cell_id, truth.fate, old.status
    from gate_truth as truth
    left join gate_memory as old on truth.bits = old.figure_bits
    where {layer_sql("truth")} in (select layer from gate_versions)
    order by truth.bits
"""

_ATOMS = """
    with stood as (
        select versions.layer, 'after' as side, now.unit_id, now.group_set_id, now.group_id, now.student_no
        from gate_now_cells as now inner join gate_versions as versions using (layer)
        where versions.is_newest
        union all
        select layer, 'before' as side, unit_id, group_set_id, group_id, student_no
        from gate_then_cells inner join gate_versions as versions using (layer, mark)
        where versions.is_newest
    ),
    people as (
        select
            layer, group_set_id, student_no,
            string_agg(unit_id || '/' || group_id, '|' order by unit_id) filter (side = 'before') as before,
            string_agg(unit_id || '/' || group_id, '|' order by unit_id) filter (side = 'after') as after
        from stood group by layer, group_set_id, student_no
    )
    select layer, group_set_id, coalesce(before, '') as before, coalesce(after, '') as after, count(*) as n
    from people group by all order by all
"""
