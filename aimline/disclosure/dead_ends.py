"""Say which sums tell a small group although everything is hidden: no pattern helps there, a person must.

Only names of sums and readers are told, no number.
"""

from collections.abc import Collection, Iterator

from aimline.disclosure.audit import Audit, ViewAudit, audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import Instance, View
from aimline.disclosure.proof import prove_pattern

UNSAFE = "no_safe_pattern"
"""How the reason begins with which the total of such a sum is hidden; the reader follows."""

_LARGE = 250


def dead_ends(instance: Instance, gaps: Collection[int]) -> dict[str, str]:
    """Return the totals of the sums that tell, by their names, each with the first reader to whom they do.

    Args:
        instance: Cells, sums and readers.
        gaps: What is hidden: everything that may be.
    """
    found: dict[str, str] = {}
    audit = _audited(instance, gaps)
    for view, told in zip(instance.views, audit.views, strict=True):
        for total in _telling(instance, view, told, gaps):
            found.setdefault(instance.cells[total].cell_id, view.name)
    return found


def _audited(instance: Instance, gaps: Collection[int]) -> Audit:
    is_large = len(instance.cells) > _LARGE and not instance.thresholds.counts_known
    return prove_pattern(instance, gaps) if is_large else audit_pattern(instance, gaps, Rule())


def _telling(instance: Instance, view: View, told: ViewAudit, gaps: Collection[int]) -> Iterator[int]:
    """Yield the total of a sum for every small group and every pool that is open: the one that leaves least unknown."""
    limits = instance.thresholds
    listed = (told.exact, told.narrow, told.stiff, told.result_known, told.all_or_none, told.undecided)
    aware = (told.rule.exact, told.rule.result_known, told.rule.all_or_none) if told.rule else ()
    places = [instance.sums_of[target] for target in sorted({each for held in (*listed, *aware) for each in held})]
    places += [
        instance.sums_of[pool.cells[0]] if pool.relation is None else (pool.relation,)
        for pool in (*told.pools, *told.derived)
        if pool.is_small(limits) or pool.is_one_sided(limits)
    ]
    for offered in places:
        if offered:
            yield instance.relations[min(offered, key=lambda place: _n_unknown(instance, view, place, gaps))].total


def _n_unknown(instance: Instance, view: View, place: int, gaps: Collection[int]) -> int:
    cells = (cell for cell in instance.relations[place].cells if cell not in view.knows)
    return sum(1 for cell in cells if cell in gaps or not view.reads(instance.cells[cell]))
