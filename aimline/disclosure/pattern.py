"""Turn rows of cells and relations into rows of the pattern: the one answer to "may this cell be shown?".

Shape in: ``int_disclosure__cells`` (population x measure x cell) and ``int_disclosure__relations`` (population x
measure x relation x part). Shape out: ``int_disclosure__pattern`` (population x measure x cell). All measures of a
population that count the same kind of thing share one pattern. No rule of hiding belongs here.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any

from aimline.disclosure.layers import Readers, layers_of
from aimline.disclosure.partners import choose_gaps
from aimline.disclosure.policy import Policy
from aimline.disclosure.population import Cell, Population, Relation
from aimline.disclosure.proving import proved_gaps
from aimline.disclosure.verdicts import chosen_once, engine_version, remembered
from aimline.errors import DisclosureError
from aimline.transform import building
from schemas.published import PopulationKind

Row = Mapping[str, Any]

PATTERN_COLUMNS = {
    "population_id": "varchar",
    "measure_id": "varchar",
    "cell_id": "varchar",
    "is_suppressed": "boolean",
    "reason": "varchar",
    "policy_version": "varchar",
    "pattern_sha256": "varchar",
}


@dataclass(frozen=True)
class Outcomes:
    """What a pattern is proved on: figures with their numerators, and who reads them.

    Attributes:
        rows: Of ``int_disclosure__outcomes``.
        readers: Who holds which pages.
    """

    rows: Iterable[Row]
    readers: Readers

    @classmethod
    def of(cls, rows: Iterable[Row], readers: Iterable[Row], policy: Policy) -> "Outcomes":
        """Take the rows of both tables, and of the policy what insiders know."""
        return cls(rows, Readers.of(readers, is_insider=policy.is_insider, coalition=policy.coalition))


def protect_population(  # noqa: PLR0913 - each is a table or a rule of its own
    cells: Iterable[Row],
    relations: Iterable[Row],
    kinds: Mapping[str, PopulationKind],
    policy: Policy,
    *,
    outcomes: Outcomes | None = None,
) -> list[dict[str, Any]]:
    """Choose the gaps of every population.

    Args:
        cells: Rows with population_id, measure_id, cell_id, n_low, n_small, n_high, n_unknown, is_aggregated.
        relations: Rows with population_id, measure_id, relation_id, kind, total_cell_id, part_cell_id, n_broken,
            rest_low, rest_small, rest_high (what is left of the total when the printed parts are taken away).
        kinds: What each measure counts.
        policy: Who counts as small, and what must be kept.
        outcomes: What the pattern is proved on; without it the rules over counts are all.

    Returns:
        Rows of ``PATTERN_COLUMNS``, by population, measure and cell.

    Raises:
        DisclosureError: A measure nobody declared, parts that do not add up, or a count that is missing.
    """
    proofs = _proofs(outcomes)
    cell_rows = _by_population(cells, kinds)
    relation_rows = _by_population(relations, kinds)
    rows: list[dict[str, Any]] = []
    store = building() if outcomes else None
    with remembered(store):
        for key in sorted(cell_rows):
            given = Given(*key, cell_rows[key], relation_rows.get(key, []), proofs.get(key[0]))
            gaps = chosen_once(given.digest(policy), partial(_gaps, given, policy)) if store else _gaps(given, policy)
            rows += _pattern_rows(given, gaps, policy)
    return sorted(rows, key=lambda row: (row["population_id"], row["measure_id"], row["cell_id"]))


def _by_population(
    rows: Iterable[Row], kinds: Mapping[str, PopulationKind]
) -> dict[tuple[str, PopulationKind], list[Row]]:
    """Group rows by population and by the kind of thing counted."""
    grouped: dict[tuple[str, PopulationKind], list[Row]] = defaultdict(list)
    for row in rows:
        kind = kinds.get(row["measure_id"])
        if kind is None:
            raise DisclosureError(
                f"Population {row['population_id']}: nobody declared what measure {row['measure_id']} counts, "
                "so nobody can tell who is small. Nothing was published.",
                remedy="Add the measure to POPULATIONS in schemas/published.py.",
            )
        grouped[(row["population_id"], kind)].append(row)
    return grouped


def _proofs(outcomes: Outcomes | None) -> dict[str, Outcomes]:
    """Return what the pattern of each population is proved on."""
    held: dict[str, list[Row]] = defaultdict(list)
    if outcomes is None:
        return {}
    for row in outcomes.rows:
        held[row["population_id"]].append(row)
    return {name: Outcomes(rows, outcomes.readers) for name, rows in held.items()}


@dataclass(frozen=True)
class Given:
    """All that the gaps of a population are chosen from, but for the policy.

    Attributes:
        population_id: Its name.
        kind: What it counts.
        cells: Its rows of ``int_disclosure__cells``.
        relations: Its rows of ``int_disclosure__relations``.
        proof: What its pattern is proved on; None without figures.
    """

    population_id: str
    kind: PopulationKind
    cells: list[Row]
    relations: list[Row]
    proof: Outcomes | None

    def digest(self, policy: Policy) -> str:
        """Name it by its content: whatever order the rows come in, equal rows have equal gaps."""
        proof = self.proof
        readers = proof.readers if proof else Readers({}, {})
        told = (
            engine_version(), policy, self.population_id, self.kind, readers.coalition, sorted(readers.own.items()),
            [(name, sorted(units)) for name, units in sorted(readers.held.items())],
            *(sorted(map(repr, rows)) for rows in (self.cells, self.relations, proof.rows if proof else ())),
        )  # fmt: skip
        return sha256(repr(told).encode()).hexdigest()


def _gaps(given: Given, policy: Policy) -> Mapping[str, str]:
    """Choose the gaps of a population."""
    rests = [rest for row in given.relations if (rest := _rest(row)) is not None]
    cells = [*_cells(given.cells), *_merged(rests)]
    population = Population.of(given.population_id, given.kind, cells, _relations(given.relations))
    gaps = choose_gaps(population, policy)
    if given.kind != "persons":
        return gaps
    layers = layers_of(given.proof.rows, policy.thresholds, given.proof.readers) if given.proof else {}
    return proved_gaps(gaps, layers)


def _pattern_rows(given: Given, gaps: Mapping[str, str], policy: Policy) -> list[dict[str, Any]]:
    name = given.population_id
    digest = sha256(json.dumps([name, policy.version, sorted(gaps)]).encode()).hexdigest()
    return [
        {
            "population_id": name,
            "measure_id": row["measure_id"],
            "cell_id": row["cell_id"],
            "is_suppressed": row["cell_id"] in gaps,
            "reason": gaps.get(row["cell_id"], ""),
            "policy_version": policy.version,
            "pattern_sha256": digest,
        }
        for row in given.cells
    ]


def _cells(rows: list[Row]) -> list[Cell]:
    return _merged(
        Cell(
            row["cell_id"],
            row["n_low"],
            row["n_small"],
            row["n_high"],
            row["n_unknown"] or 0,
            bool(row["is_aggregated"]),
        )
        for row in rows
    )


def _rest(row: Row) -> Cell | None:
    """Return what no page prints: the total minus the printed parts; None where the parts are all there is."""
    if not row["rest_high"]:
        return None
    return Cell(_rest_id(row), row["rest_low"], row["rest_small"], row["rest_high"], is_printed=False)


def _rest_id(row: Row) -> str:
    return f"{row['relation_id']}|rest"


def _merged(cells: Iterable[Cell]) -> list[Cell]:
    """Make one cell of the rows of several measures: the range that holds all their counts."""
    merged: dict[str, Cell] = {}
    for cell in cells:
        known = merged.get(cell.cell_id)
        merged[cell.cell_id] = cell if known is None else _joined(known, cell)
    return list(merged.values())


def _joined(one: Cell, other: Cell) -> Cell:
    return Cell(
        one.cell_id,
        _least(one.n_low, other.n_low),
        _least(one.n_small, other.n_small),
        max(one.n_high or 0, other.n_high or 0),
        one.n_unknown + other.n_unknown,
        all(cell.is_aggregated for cell in (one, other) if cell.n_unknown),
        one.is_printed,
    )


def _least(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return min(known) if known else None


def _relations(rows: list[Row]) -> list[Relation]:
    """Make one relation of its rows, over all measures and parts; the rest of the total is one more part."""
    parts: dict[str, dict[str, None]] = defaultdict(dict)
    totals: dict[str, tuple[str, str]] = {}
    broken: dict[str, int] = defaultdict(int)
    for row in rows:
        name = row["relation_id"]
        totals[name] = (row["kind"], row["total_cell_id"])
        parts[name][row["part_cell_id"]] = None
        broken[name] = max(broken[name], row["n_broken"] or 0)
        if row["rest_high"]:
            parts[name][_rest_id(row)] = None
    return [
        Relation(name, kind, total, tuple(sorted(parts[name])), broken[name])
        for name, (kind, total) in sorted(totals.items())
    ]
