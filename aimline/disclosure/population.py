"""Hold one population: its cells and the sums that tie them. Judging belongs here, hiding belongs in ``partners``.

A cell is a unit and a group of one population. It is printed in many figures (weeks, scales, measures) with slightly
different counts, and has one fate in all of them. So a cell carries the range of its counts over its figures, and
every rule below uses the end of the range that protects more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aimline.errors import DisclosureError
from schemas.published import PopulationKind


@dataclass(frozen=True)
class Cell:
    """A unit and a group of one population.

    Attributes:
        cell_id: Its name, unique in the population.
        n_low: The smallest count over its figures, zero included; None when no figure has a count.
        n_small: The smallest count above zero; None when there is none.
        n_high: The largest count.
        n_unknown: Figures that carry a value and no count.
        is_aggregated: The source gives shares only, and nobody declared what they stand for.
        is_printed: False for what no page prints and a reader can compute: the rest of a total.
    """

    cell_id: str
    n_low: int | None
    n_small: int | None
    n_high: int | None
    n_unknown: int = 0
    is_aggregated: bool = False
    is_printed: bool = True

    @property
    def is_empty(self) -> bool:
        """Say whether nobody is in the cell, in any figure."""
        return not self.n_high and not self.n_unknown

    @property
    def is_always_filled(self) -> bool:
        """Say whether somebody is in the cell in every figure: only such a cell can protect another."""
        return bool(self.n_low) and not self.n_unknown


@dataclass(frozen=True)
class Relation:
    """``total = sum(parts)``: a district and its schools, or everybody and the values of a group set.

    Attributes:
        relation_id: Its name, unique in the population.
        kind: ``school`` or ``group``.
        total: Cell id of the total.
        parts: Cell ids of the parts, printed or not.
        n_broken: Figures in which the parts do not add up to the total.
    """

    relation_id: str
    kind: str
    total: str
    parts: tuple[str, ...]
    n_broken: int = 0


@dataclass(frozen=True)
class Population:
    """The people (or rooms, or records) of one source and period, with one pattern for all figures about them."""

    population_id: str
    kind: PopulationKind
    cells: Mapping[str, Cell]
    relations: tuple[Relation, ...] = field(default=())

    @classmethod
    def of(
        cls, population_id: str, kind: PopulationKind, cells: Iterable[Cell], relations: Iterable[Relation]
    ) -> "Population":
        """Put a population together and judge it.

        Raises:
            DisclosureError: The parts of a total do not add up, a cell has no count, or a relation names a cell
                nobody declared. The message names population and relation, never a count.
        """
        population = cls(population_id, kind, {cell.cell_id: cell for cell in cells}, tuple(relations))
        population._judge()
        return population

    def _judge(self) -> None:
        for relation in self.relations:
            if relation.n_broken:
                raise DisclosureError(
                    f"Cells of population {self.population_id} do not add up: relation {relation.relation_id} "
                    f"in {relation.n_broken} figures. Nothing was published.",
                    remedy="Fix the measure, or drop the relation.",
                )
            unknown = {relation.total, *relation.parts} - set(self.cells)
            if unknown:
                raise DisclosureError(
                    f"Population {self.population_id}: relation {relation.relation_id} names {len(unknown)} cells "
                    "that do not exist. Nothing was published.",
                    remedy="Build the cells and the relations from the same figures.",
                )
        uncounted = sum(1 for cell in self.cells.values() if cell.n_unknown and not cell.is_aggregated)
        if uncounted and self.kind != "records":
            raise DisclosureError(
                f"Population {self.population_id}: {uncounted} cells carry a value and no count, so nobody can tell "
                "whether they are small. Nothing was published.",
                remedy="Give the measure its n_people, or declare the population as records.",
            )
