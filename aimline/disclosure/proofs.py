"""Keep what was proved from one night to the next, and tell which proofs the new numbers leave standing.

A proof names the cells that move, and which of their answers fall. It holds again where the table has the same shape,
and whoever falls still has as far to fall: nobody left, or one did where a point left one behind. So a night on which
few schools changed asks the solver about few schools.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.disclosure.certificates import Audience
from aimline.disclosure.circles import MOST_FALL, Proof, answer
from aimline.disclosure.instance import Instance
from aimline.errors import DisclosureInputError

FORMAT = "sdc-proofs/3"

_NEAR = 9
"""Up to so many students fewer, of either answer, an earlier number is looked for; or one more, of a changed cell."""

GONE = 99
"""More than anybody spares: what a cell lost of which nothing is known."""


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
        held: For each audience, the proofs and their targets.
    """

    told: Fingerprint
    gaps: frozenset[int]
    held: tuple[tuple[tuple[Proof, tuple[int, ...]], ...], ...]

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

    def losses(self, instance: Instance, changed: Iterable[int]) -> dict[int, int]:
        """Return how many students each answer lost, of cells that changed and lost any.

        A number that was near is found again by its digest; where none of these is it, everybody may have left. So
        they may where a page prints a cell of one: it may not fall for who knows that it is somebody. And nobody
        counts as gone where so many are left that no move needs more.
        """
        found = {}
        for number in changed:
            cell = instance.cells[number]
            lost = self._lost(instance, number)
            if any(lost) and cell.is_printed and cell.n <= 1:
                lost = GONE, GONE
            for letter, held, gone in zip("xy", (cell.x, cell.y), lost, strict=True):
                if gone and held < MOST_FALL:
                    found[answer(number, letter)] = gone
        return found

    def _lost(self, instance: Instance, number: int) -> tuple[int, int]:
        cell, before = instance.cells[number], self.told.numbers[number]
        for more_x in range(-1, min(_NEAR, cell.x) + 1):
            for more_y in range(-1, min(_NEAR, cell.y) + 1):
                x, y = cell.x - more_x, cell.y - more_y
                if _digest(cell.cell_id, x + y, x) == before:
                    return max(0, -more_x), max(0, -more_y)
        return GONE, GONE

    def teach(self, audiences: Iterable[Audience], losses: Mapping[int, int]) -> None:
        """Let audiences know what still stands: proofs of gaps that are gaps, in which nobody falls who has not so far.

        Every sum of differences stays what it was, and whoever fell by so much before falls by so much now. So a point
        of those numbers is a point of these. Who knows that every gap is somebody walks a part of the way only: half
        of it at least, as nobody falls by more than all there are.
        """
        for audience, held in zip(audiences, self.held, strict=True):
            for proof, targets in held:
                left = _after(proof, losses)
                if left is not None and left.moved <= audience.unknown:
                    asked = [each for each in targets if each in audience.is_target and not _lost_any(each, losses)]
                    audience.keep(asked, left)

    def write(self, path: Path) -> None:
        """Write the proofs to a file."""
        held = [[[*map(sorted, proof), list(targets)] for proof, targets in each] for each in self.held]
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
        held = tuple(
            tuple((Proof(*map(frozenset, proof)), tuple(targets)) for *proof, targets in each) for each in data["held"]
        )
        proofs = Proofs(Fingerprint(data["shape"], tuple(data["numbers"])), frozenset(data["gaps"]), held)
    except (OSError, ValueError, KeyError, TypeError):
        raise _not_ours(path) from None
    if data.get("format") != FORMAT:
        raise _not_ours(path)
    return proofs


def _after(proof: Proof, losses: Mapping[int, int]) -> Proof | None:
    """Return what is left of a proof where some left: it stands as long as each answer that falls spared so many."""
    hit = proof.falls & losses.keys()
    if not hit:
        return proof
    if any(losses[each] > 1 for each in hit) or not hit.isdisjoint(proof.spent):
        return None
    return proof._replace(spent=proof.spent | hit)


def _lost_any(target: int, losses: Mapping[int, int]) -> bool:
    """Say whether a target itself lost somebody: what it must come up to is another then."""
    return answer(target, "x") in losses or answer(target, "y") in losses


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
