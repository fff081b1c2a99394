"""Keep what was proved from one night to the next, and tell which proofs the new numbers leave standing.

A proof names the cells that move. It holds again where the table has the same shape, and none of these cells has
another number. So a night on which few schools changed asks the solver about few schools.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.disclosure.certificates import Audience
from aimline.disclosure.instance import Instance
from aimline.errors import DisclosureInputError

FORMAT = "sdc-proofs/1"


@dataclass(frozen=True)
class Proofs:
    """What one night left behind.

    Attributes:
        shape: Digest of cells, sums, readers and thresholds, without a number.
        numbers: Digest of the numbers of every cell, in the order of the file.
        gaps: The pattern.
        held: For each audience, the cells that move and the targets this proves.
    """

    shape: str
    numbers: tuple[str, ...]
    gaps: frozenset[int]
    held: tuple[tuple[tuple[frozenset[int], tuple[int, ...]], ...], ...]

    @classmethod
    def of(cls, instance: Instance, gaps: Iterable[int], audiences: Iterable[Audience]) -> "Proofs":
        """Take down what was proved of a pattern."""
        held = tuple(tuple(audience.proved()) for audience in audiences)
        return cls(shape_of(instance), tuple(_digests(instance)), frozenset(gaps), held)

    def changed(self, instance: Instance) -> frozenset[int] | None:
        """Return the cells with other numbers than then; None when the table has another shape."""
        if shape_of(instance) != self.shape:
            return None
        told = zip(self.numbers, _digests(instance), strict=True)
        return frozenset(place for place, (before, now) in enumerate(told) if before != now)

    def teach(self, audiences: Iterable[Audience], changed: frozenset[int]) -> None:
        """Let audiences know what still stands: proofs in which nothing changed, of gaps that are gaps."""
        for audience, held in zip(audiences, self.held, strict=True):
            for moved, targets in held:
                if moved <= audience.unknown and moved.isdisjoint(changed):
                    audience.keep([target for target in targets if target not in changed], moved)

    def write(self, path: Path) -> None:
        """Write the proofs to a file."""
        held = [[[sorted(moved), list(targets)] for moved, targets in each] for each in self.held]
        data = {"format": FORMAT, "shape": self.shape, "numbers": self.numbers, "gaps": sorted(self.gaps), "held": held}
        path.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")


def read_proofs(path: Path) -> Proofs:
    """Read what an earlier night left behind.

    Raises:
        DisclosureInputError: The file is none of ours.
    """
    try:
        data: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        held = tuple(tuple((frozenset(moved), tuple(targets)) for moved, targets in each) for each in data["held"])
        proofs = Proofs(data["shape"], tuple(data["numbers"]), frozenset(data["gaps"]), held)
    except (OSError, ValueError, KeyError, TypeError):
        raise _not_ours(path) from None
    if data.get("format") != FORMAT:
        raise _not_ours(path)
    return proofs


def _not_ours(path: Path) -> DisclosureInputError:
    return DisclosureInputError(f"{path} is not an {FORMAT} file.", remedy="Remove it; everything is then proved anew.")


def shape_of(instance: Instance) -> str:
    """Return a digest of everything but the numbers; sums in any order are the same table."""
    digest = sha256(repr(instance.thresholds).encode())
    for cell in instance.cells:
        digest.update(repr((cell.cell_id, cell.is_printed, cell.audience, cell.unit, cell.unit_id)).encode())
    for total, parts in sorted((each.total, sorted(each.parts)) for each in instance.relations):
        digest.update(repr((total, parts)).encode())
    for view in instance.views:
        digest.update(repr((view.name, sorted(view.sees or ()), view.sees is None, sorted(view.knows))).encode())
    return digest.hexdigest()


def _digests(instance: Instance) -> Iterator[str]:
    """Yield a short digest of the numbers of each cell: the file of proofs says no count."""
    for cell in instance.cells:
        yield sha256(f"{cell.cell_id}\0{cell.n}\0{cell.x}".encode()).hexdigest()[:12]
