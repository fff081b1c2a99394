"""Read an ``sdc-instance/1`` file: cells, the sums that tie them, and the readers. Nothing is judged or hidden here.

Cells are numbered in file order, and everything else speaks of these numbers. Protection and audit both start from
an ``Instance``; what a reader sees, and what follows from it, each of the two works out by itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.disclosure.json_file import read_json
from aimline.errors import DisclosureInputError

if TYPE_CHECKING:
    from schemas.sdc import PatternFacts

MOST = 1_000_000_000
"""Larger counts than this the solver's numbers do not hold to one student."""


@dataclass(frozen=True)
class Thresholds:
    """Who is small, and how wide an interval and how large a pool must stay.

    Attributes:
        n_min: A group below the number is small.
        min_interval_width: So wide the interval of a count must stay.
        min_pool: So many students a sum of gaps that can be computed must hold.
        min_minority_pool: So many favourable and so many others it must hold.
        zero_is_sensitive: Nobody in a group is small too.
        hidden_complements_protected: Small cells that stand on no page are targets.
        counts_known: Every count is known beside the pages; then only results are hidden.
        result_width: So wide the interval of the favourable ones must stay then.
        has_next_smallest: Where a sum has exactly one gap, its smallest other part is hidden too.
        has_all_in_one_level: A group in which everybody answered alike is hidden.
        link_schools: From so many schools what a total over schools hides must come; 0 where nobody asks.
        link_pool: So many students that must be then.
        link_minority: So many favourable and so many others.
        is_shown_elsewhere_free: What is no gap, and stands on pages of others alone, is no pool of this reader's.
    """

    n_min: int = 10
    min_interval_width: int = 10
    min_pool: int = 10
    min_minority_pool: int = 3
    zero_is_sensitive: bool = False
    hidden_complements_protected: bool = True
    counts_known: bool = False
    result_width: int = 2
    has_next_smallest: bool = False
    has_all_in_one_level: bool = False
    link_schools: int = 0
    link_pool: int = 0
    link_minority: int = 0
    is_shown_elsewhere_free: bool = False


@dataclass(frozen=True)
class Form:
    """How a visible cell is displayed.

    Attributes:
        n: The count beside it; the cell's own when None.
        pct: A whole percent.
        band10: A ten-point band: from, below.
        is_blank: The file says that it prints no figure.
    """

    n: int | None = None
    pct: int | None = None
    band10: tuple[int, int] | None = None
    is_blank: bool = False


@dataclass(frozen=True)
class Cell:
    """Some students, and the favourable ones among them.

    Attributes:
        cell_id: Its name, unique in the file.
        n: Students.
        x: Favourable among them.
        is_printed: Some page prints it; else a reader can only compute it.
        audience: On whose page it stands; None is on every page.
        unit: ``district``, ``cluster`` or ``school``.
        unit_id: Which one.
        grade: A grade or a band; ``all`` is a total.
        group: A group; ``All`` is a total.
        form: How it is displayed, when the file says so.
        small: Whether it is a small group, where that is not a matter of its own n.
        is_merged: Told only within larger cells of its own school, so neither a target nor a pool by itself.
    """

    cell_id: str
    n: int
    x: int
    is_printed: bool = True
    audience: str | None = None
    unit: str | None = None
    unit_id: str | None = None
    grade: str | None = None
    group: str | None = None
    form: Form | None = None
    small: bool | None = None
    is_merged: bool = False

    @property
    def y(self) -> int:
        """Return the students who are not favourable."""
        return self.n - self.x


@dataclass(frozen=True)
class Relation:
    """``total = sum(parts)``; all are numbers of cells."""

    total: int
    parts: tuple[int, ...]

    @property
    def cells(self) -> tuple[int, ...]:
        """Return the total and the parts."""
        return (self.total, *self.parts)


@dataclass(frozen=True)
class View:
    """One reader.

    Attributes:
        name: Who it is.
        sees: Audiences whose pages are held; None is all.
        knows: Cells known beside the pages, shown or not.
    """

    name: str
    sees: frozenset[str] | None = None
    knows: frozenset[int] = frozenset()

    def reads(self, cell: Cell) -> bool:
        """Say whether a page this reader holds has a place for the cell."""
        on_page = cell.audience is None or self.sees is None or cell.audience in self.sees
        return cell.is_printed and on_page


@dataclass(frozen=True)
class Instance:
    """A population to protect or to audit.

    Attributes:
        instance_id: Its name.
        thresholds: What is asked of a pattern.
        cells: In file order.
        relations: In file order.
        views: In file order.
        warnings: What a person should look at.
    """

    instance_id: str
    thresholds: Thresholds
    cells: tuple[Cell, ...]
    relations: tuple[Relation, ...]
    views: tuple[View, ...]
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def is_small(self, number: int) -> bool:
        """Say whether the cell holds a small group."""
        cell = self.cells[number]
        if cell.is_merged or cell.small is not None:
            return bool(cell.small) and not cell.is_merged
        least = 0 if self.thresholds.zero_is_sensitive else 1
        return least <= self.cells[number].n < self.thresholds.n_min

    @cached_property
    def small(self) -> list[int]:
        """Return the small cells, printed or not; nobody changes the list."""
        return [number for number in range(len(self.cells)) if self.is_small(number)]

    @property
    def numbers(self) -> dict[str, int]:
        """Return the number of every cell by its name."""
        return {cell.cell_id: number for number, cell in enumerate(self.cells)}

    @cached_property
    def sums_of(self) -> tuple[tuple[int, ...], ...]:
        """Return the relations that every cell stands in."""
        held: list[list[int]] = [[] for _ in self.cells]
        for place, relation in enumerate(self.relations):
            for cell in relation.cells:
                held[cell].append(place)
        return tuple(tuple(each) for each in held)

    @cached_property
    def blocks(self) -> Mapping[str, tuple[int, ...]]:
        """Return the cells of every school by its name; cells of no school are in none."""
        held: dict[str, list[int]] = {}
        for number, cell in enumerate(self.cells):
            if cell.unit == "school" and cell.unit_id is not None:
                held.setdefault(cell.unit_id, []).append(number)
        return {name: tuple(numbers) for name, numbers in held.items()}

    @cached_property
    def beyond(self) -> tuple[int, ...]:
        """Return the cells of no school: the totals above them."""
        return tuple(number for number, cell in enumerate(self.cells) if cell.unit != "school" or cell.unit_id is None)

    def names(self, numbers: Iterable[int]) -> list[str]:
        """Return the names of cells, in file order."""
        return [self.cells[number].cell_id for number in sorted(numbers)]


def read_instance(path: str | Path) -> Instance:
    """Read an instance file.

    Raises:
        DisclosureInputError: The file is no instance, names a cell it does not have, or its sums do not add up.
    """
    from schemas.sdc import FORMAT

    return instance_of(read_json(path, f"an {FORMAT} file"), str(path))


def instance_of(data: Any, file: str) -> Instance:
    """Make an instance of a file's content.

    Args:
        data: What the JSON says.
        file: The file's name, for messages.
    """
    from schemas._base import judged
    from schemas.sdc import FORMAT, InstanceFacts

    if not isinstance(data, Mapping) or data.get("format") != FORMAT:
        raise DisclosureInputError(f'{file} is not an {FORMAT} file: it has no "format": "{FORMAT}".')
    facts, problems = judged(InstanceFacts, data)
    if facts is None:
        place = "".join(f"{part}." for part in problems[0].path)
        place = f"{place.removesuffix('.')}: " if place else ""
        raise DisclosureInputError(
            f"{file} is not an {FORMAT} file: {place}{problems[0].message}", remedy=problems[0].remedy
        )
    cells = _cells(facts.cells)
    _judge_cells(cells, file)
    numbers = {cell.cell_id: number for number, cell in enumerate(cells)}
    relations = tuple(
        _relation(each, f"{file}: relation {place}", numbers) for place, each in enumerate(facts.relations)
    )
    views = tuple(
        View(
            each.name,
            None if each.sees is None else frozenset(each.sees),
            frozenset(_number(name, f'{file}: view "{each.name}"', numbers) for name in each.knows),
        )
        for each in facts.views
    )
    thresholds = Thresholds(**facts.thresholds.model_dump())
    instance = Instance(facts.id, thresholds, cells, relations, views, tuple(_warnings(cells, views, file)))
    _judge_views(views, file)
    _judge_sums(instance, file)
    return instance


def read_gaps(path: str | Path, instance: Instance) -> frozenset[int]:
    """Read which printed cells are hidden: a list of names, ``{"hidden": […]}``, or what ``protect`` prints."""
    return gaps_of(read_pattern(path), instance, f"{path}: the hidden list")


def gaps_of(facts: "PatternFacts", instance: Instance, place: str) -> frozenset[int]:
    """Return which printed cells a pattern hides."""
    numbers = instance.numbers
    listed = {_number(name, place, numbers) for name in (*facts.hidden, *facts.primary, *facts.secondary)}
    return frozenset(number for number in listed if instance.cells[number].is_printed)


def read_pattern(path: str | Path) -> "PatternFacts":
    """Read a pattern: what it hides, and which cells it tells together."""
    from schemas._base import judged
    from schemas.sdc import PatternFacts

    data = read_json(path, "a pattern")
    data = {"hidden": data} if isinstance(data, list) else data
    facts, problems = judged(PatternFacts, data)
    if facts is None or not facts.model_fields_set:
        reason = f" ({problems[0].message})" if problems else ""
        raise DisclosureInputError(f"{path} is neither a list of cells nor a pattern{reason}.")
    return facts


def _cells(facts: Iterable[Any]) -> tuple[Cell, ...]:
    return tuple(
        Cell(
            each.id,
            each.n,
            each.x,
            each.release == "public",
            each.audience,
            each.unit,
            each.unit_id,
            each.grade,
            each.group,
            _form(each),
        )
        for each in facts
    )


def _form(facts: Any) -> Form | None:
    """Return how a cell is displayed; None where the file says nothing of it."""
    if facts.printed is None:
        return Form(is_blank=True) if "printed" in facts.model_fields_set else None
    return Form(facts.printed.n, facts.printed.pct, facts.printed.band10)


def _relation(facts: Any, place: str, numbers: Mapping[str, int]) -> Relation:
    return Relation(_number(facts.total, place, numbers), tuple(_number(name, place, numbers) for name in facts.parts))


def _number(name: str, place: str, numbers: Mapping[str, int]) -> int:
    if name not in numbers:
        raise DisclosureInputError(f'{place} names cell "{name}", which is not in cells.')
    return numbers[name]


def _judge_cells(cells: Iterable[Cell], file: str) -> None:
    seen = set()
    for cell in cells:
        place = f'{file}: cell "{cell.cell_id}"'
        if cell.cell_id in seen:
            raise DisclosureInputError(f"{place} stands twice.")
        seen.add(cell.cell_id)
        if cell.n < 0 or cell.x < 0:
            raise DisclosureInputError(f"{place}: n={cell.n}, x={cell.x}: a count is negative.")
        if cell.x > cell.n:
            raise DisclosureInputError(f"{place}: x={cell.x} is larger than n={cell.n}.")
        if cell.n > MOST:
            raise DisclosureInputError(
                f"{place}: n={cell.n} is larger than {MOST}.", remedy="Nothing is proved of such a number."
            )


def _judge_views(views: Iterable[View], file: str) -> None:
    seen = set()
    for view in views:
        if view.name in seen:
            raise DisclosureInputError(f'{file}: view "{view.name}" stands twice.')
        seen.add(view.name)


def _judge_sums(instance: Instance, file: str) -> None:
    cells = instance.cells
    for place, relation in enumerate(instance.relations):
        twice = next((cell for cell, times in Counter(relation.cells).items() if times > 1), None)
        if twice is not None:
            raise DisclosureInputError(f'{file}: relation {place} names cell "{cells[twice].cell_id}" twice.')
        for letter in ("n", "x"):
            total = getattr(cells[relation.total], letter)
            parts = sum(getattr(cells[part], letter) for part in relation.parts)
            if total != parts:
                raise DisclosureInputError(
                    f"Cells of population {instance.instance_id} do not add up: {cells[relation.total].cell_id} has "
                    f"{letter}={total}, parts sum to {parts} (relation {place}). Nothing was published.",
                    remedy="Fix the measure or drop the relation.",
                )


def _warnings(cells: tuple[Cell, ...], views: Iterable[View], file: str) -> Iterable[str]:
    audiences = {cell.audience for cell in cells if cell.audience is not None}
    for view in views:
        for audience in sorted((view.sees or frozenset()) - audiences):
            yield f'{file}: view "{view.name}" sees audience "{audience}", which no cell has.'
