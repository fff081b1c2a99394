"""Say what a connector makes of a delivery that holds several things: a table an entity, every record accounted for.

A table is read by ``aimline/arrival`` as any delivery is: what its columns mean is declared by the connector.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """What became of one member of a delivery.

    Attributes:
        entity: What its rows are.
        name: The member.
        headings: Headings of the cells.
        rows: Number of a record, and its cells.
        columns: How the headings fill the columns of the entity, as ``sources.yml`` would say it.
        unpivot: Wide to long, as ``sources.yml`` would say it.
        n_records: All records of the member, headings included.
        ignored: Rule -> records that are no rows.
        refused: Number of a record -> code of why it is refused.
        notes: Code -> how often, of what is worth noting.
        is_state: Whether the rows are all there are, so that none of them empties what came before.
        told: What is wrong with single cells, in words that name the cell.
        declares: More of the source, as ``sources.yml`` would say it, such as ``codes`` and ``load``.
    """

    entity: str
    name: str
    headings: tuple[str, ...] = ()
    rows: Sequence[tuple[int, Sequence[str]]] = ()
    columns: Sequence[Mapping[str, Any]] = ()
    unpivot: Mapping[str, Any] | None = None
    n_records: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    is_state: bool = False
    told: tuple[str, ...] = ()
    declares: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stop:
    """Why a delivery is held as it is: a code of the catalogue, what was seen, how many records it has, of what.

    ``notes`` are further codes that it shows.
    """

    code: str
    detail: str = ""
    n_records: int | None = None
    entity: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Grid:
    """The records of one member as they stand there, the heading first."""

    name: str
    rows: Sequence[Sequence[str]]
    notes: tuple[str, ...] = ()
