"""Hide more in a population until every layer of its figures is safe to every reader by the audit's own word.

The rules over ranges (``partners``) come first and are nearly always enough; what they do not foresee, a group found
by two sums, a pool with too few of one answer, is repaired here, layer by layer, with one pattern for all of them.
"""

from collections.abc import Mapping

from aimline.disclosure.dead_ends import UNSAFE, dead_ends
from aimline.disclosure.extras import asked_gaps
from aimline.disclosure.layers import Layer
from aimline.disclosure.links import missing_links
from aimline.disclosure.protect import protect
from aimline.disclosure.verdicts import judge_layer

PROVED = "proved"
ASKED = "next_smallest"
WHOLE = "unit_too_small"
_N_ROUNDS = 12


def proved_gaps(gaps: Mapping[str, str], layers: Mapping[str, Layer]) -> dict[str, str]:
    """Return the gaps of a population with those that its layers need besides, each with its reason.

    Where somebody could work out a small group whatever is hidden, everything is hidden, and the reason of the total of
    a sum that tells it begins with ``UNSAFE``: the build tells that as a finding, and the gate publishes nothing of it.
    """
    held = dict(gaps)
    for layer in layers.values():
        held |= {name: ASKED for name in layer.instance.names(asked_gaps(layer.instance)) if name not in held}
    asked: dict[str, str] = {}
    for _ in range(_N_ROUNDS):
        n_before = len(held)
        for name, layer in layers.items():  # one after the other: what one asked for is mostly what the next would
            more = _missing(layer, held)
            asked |= dict.fromkeys(more, name)
            held |= {each: PROVED for each in more if each not in held}
        if len(held) == n_before:
            return _told_apart(_shown_again(held, layers, asked), layers)
    for layer in layers.values():
        held |= {name: WHOLE for name in _everything(layer) if name not in held}
    return _told_apart(held, layers)


def _told_apart(gaps: dict[str, str], layers: Mapping[str, Layer]) -> dict[str, str]:
    """Give the totals of sums that tell a small group all the same a reason of their own."""
    for layer in layers.values():
        if not _is_safe(layer, gaps):
            found = dead_ends(layer.instance, _places(layer, gaps))
            gaps |= {total: f"{UNSAFE} {reader}" for total, reader in found.items()}
    return gaps


def _shown_again(gaps: Mapping[str, str], layers: Mapping[str, Layer], asked: Mapping[str, str]) -> dict[str, str]:
    """Take back, largest groups first, every gap of the proof that no layer misses now that the others are there.

    A layer asks for what it needs by itself; what others asked for after it may make that idle: everybody of a school
    whose groups are all shown, hidden for the sake of another school.

    Args:
        gaps: The cells that are hidden, with their reasons.
        layers: The layers of the population.
        asked: Of every gap of the proof the layer that asked for it last, which is looked at first.
    """
    held = dict(gaps)
    sizes: dict[str, float] = {}
    for layer in layers.values():
        for cell in layer.instance.cells:
            sizes[cell.cell_id] = max(sizes.get(cell.cell_id, 0.0), float(cell.n or 0))
    for name in sorted(asked, key=lambda each: (-sizes[each], each)):
        without = {each: reason for each, reason in held.items() if each != name}
        first = layers[asked[name]]
        others = [layer for layer in layers.values() if layer != first]
        if all(_is_safe(layer, without) and _is_linked(layer, without) for layer in (first, *others)):
            held = without
    return held


def _places(layer: Layer, gaps: Mapping[str, str]) -> frozenset[int]:
    return frozenset(number for number, cell in enumerate(layer.instance.cells) if cell.cell_id in gaps)


def _is_safe(layer: Layer, gaps: Mapping[str, str]) -> bool:
    return all(verdict.is_clean for verdict in judge_layer(layer.instance, _places(layer, gaps)))


def _is_linked(layer: Layer, gaps: Mapping[str, str]) -> bool:
    return not missing_links(layer.instance, _places(layer, gaps))


def _missing(layer: Layer, gaps: Mapping[str, str]) -> list[str]:
    """Return what a layer needs hidden besides; everything where nothing less is safe."""
    if _is_safe(layer, gaps):
        return layer.instance.names(missing_links(layer.instance, _places(layer, gaps)))
    asked = _places(layer, gaps)
    made = protect(layer.instance, asked, 0, asked=asked)
    found = _everything(layer) if made.refusal else layer.instance.names(made.gaps)
    return [name for name in found if name not in gaps]


def _everything(layer: Layer) -> list[str]:
    return [cell.cell_id for cell in layer.instance.cells if cell.is_printed and cell.n > 0]
