"""Keep what was proved from one night to the next, and tell which proofs the new numbers leave standing.

A proof names the cells that move. It holds again where the table has the same shape, and none of these cells lost
anybody: who may fall so far from fewer may fall so far from more. So a night on which few schools changed asks the
solver about few schools.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.disclosure.certificates import Audience
from aimline.disclosure.instance import Instance
from aimline.errors import DisclosureInputError

FORMAT = "sdc-proofs/2"

_NEAR = 9
"""Up to so many students fewer an earlier number is looked for, of a cell whose number is another now."""


@dataclass(frozen=True)
class Fingerprint:
    """What is compared from night to night, without a count.

    Attributes:
        shape: Digest of cells, sums, readers and thresholds, without a number.
        numbers: Digest of the numbers of every cell, in the order of the file.
    """

    shape: str
    numbers: tuple[str, ...]

    @classmethod
    def of(cls, instance: Instance) -> "Fingerprint":
        """Take the fingerprint of a table."""
        numbers = tuple([_digest(cell.cell_id, cell.n, cell.x) for cell in instance.cells])
        return cls(shape_of(instance), numbers)


@dataclass(frozen=True)
class Proofs:
    """What one night left behind.

    Attributes:
        told: The fingerprint of the table.
        gaps: The pattern.
        held: For each audience, the cells that move and the targets this proves.
    """

    told: Fingerprint
    gaps: frozenset[int]
    held: tuple[tuple[tuple[frozenset[int], tuple[int, ...]], ...], ...]

    @classmethod
    def of(cls, told: Fingerprint, gaps: Iterable[int], audiences: Iterable[Audience]) -> "Proofs":
        """Take down what was proved of a pattern."""
        held = tuple(tuple(audience.proved()) for audience in audiences)
        return cls(told, frozenset(gaps), held)

    def changed(self, now: Fingerprint) -> frozenset[int] | None:
        """Return the cells with other numbers than then; None when the table has another shape."""
        if now.shape != self.told.shape:
            return None
        pairs = zip(self.told.numbers, now.numbers, strict=True)
        return frozenset([place for place, (before, after) in enumerate(pairs) if before != after])

    def fallen(self, instance: Instance, changed: Iterable[int]) -> frozenset[int]:
        """Return those of the changed cells of which nobody can say that they only grew.

        A number that was smaller by a few is found again by its digest; where none of these is it, the cell counts as
        fallen.
        """
        return frozenset(cell for cell in changed if not self._has_grown(instance, cell))

    def _has_grown(self, instance: Instance, number: int) -> bool:
        cell, before = instance.cells[number], self.told.numbers[number]
        earlier = (
            (cell.n - favourable - others, cell.x - favourable)
            for favourable in range(min(_NEAR, cell.x) + 1)
            for others in range(min(_NEAR, cell.y) + 1)
        )
        return any(_digest(cell.cell_id, n, x) == before for n, x in earlier)

    def teach(self, audiences: Iterable[Audience], fallen: frozenset[int]) -> None:
        """Let audiences know what still stands: proofs in which nothing fell, of gaps that are gaps.

        Every sum of differences stays what it was, and whoever fell by so much before falls by so much now, and leaves
        as many behind or more. So a point of the smaller numbers is a point of the larger ones.
        """
        for audience, held in zip(audiences, self.held, strict=True):
            for moved, targets in held:
                if moved <= audience.unknown and moved.isdisjoint(fallen):
                    audience.keep([target for target in targets if target in audience.is_target], moved)

    def write(self, path: Path) -> None:
        """Write the proofs to a file."""
        held = [[[sorted(moved), list(targets)] for moved, targets in each] for each in self.held]
        data = {"format": FORMAT, "shape": self.told.shape, "numbers": self.told.numbers, "gaps": sorted(self.gaps)}
        data |= {"held": held}
        path.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")


def read_proofs(path: Path) -> Proofs:
    """Read what an earlier night left behind.

    Raises:
        DisclosureInputError: The file is none of ours.
    """
    try:
        data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        held = tuple(tuple((frozenset(moved), tuple(targets)) for moved, targets in each) for each in data["held"])
        proofs = Proofs(Fingerprint(data["shape"], tuple(data["numbers"])), frozenset(data["gaps"]), held)
    except (OSError, ValueError, KeyError, TypeError):
        raise _not_ours(path) from None
    if data.get("format") != FORMAT:
        raise _not_ours(path)
    return proofs


def _not_ours(path: Path) -> DisclosureInputError:
    return DisclosureInputError(f"{path} is not an {FORMAT} file.", remedy="Remove it; everything is then proved anew.")


def shape_of(instance: Instance) -> str:
    """Return a digest of everything but the numbers; sums in any order are the same table."""
    cells = [(cell.cell_id, cell.is_printed, cell.audience, cell.unit, cell.unit_id) for cell in instance.cells]
    relations = sorted([(each.total, *sorted(each.parts)) for each in instance.relations])
    views = [
        (view.name, None if view.sees is None else sorted(view.sees), sorted(view.knows)) for view in instance.views
    ]
    return sha256(json.dumps([repr(instance.thresholds), cells, relations, views]).encode()).hexdigest()


def _digest(cell_id: str, n: int, x: int) -> str:
    """Return a short digest of the numbers of a cell: the file of proofs says no count."""
    return sha256(f"{cell_id}\0{n}\0{x}".encode()).hexdigest()[:12]
