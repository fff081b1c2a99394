"""Audit a district by proofs: the same questions as the audit, answered by points instead of bounds.

What cannot be proved is looked at again by the audit itself, with all that sums tie together, where that is small
enough; else it is undecided, which nobody may rely on. Pools are counted for every reader: those that one sum tells,
and those that follow from several.
"""

from collections.abc import Collection, Iterable
from itertools import islice

from aimline.disclosure.audit import Audit, Part, ViewAudit, added_up, audit_view, elsewhere, parts_of, solved
from aimline.disclosure.aware import Rule, RuleAudit
from aimline.disclosure.certificates import Audience, audiences_of
from aimline.disclosure.elimination import Reduced
from aimline.disclosure.instance import Instance, View
from aimline.disclosure.pools import Pool, derived_pools, told_pools

_MOST_UNKNOWN = 2_500
"""So many unknown cells are looked at by the audit as a whole."""

_MOST_SOLVED = 200_000
"""So many unknown cells, of all readers together, are eliminated reader by reader."""


def prove_pattern(instance: Instance, gaps: Collection[int], audiences: Iterable[Audience] = ()) -> Audit:
    """Report on a pattern; bounds are told only of what is not proved.

    Args:
        instance: The truth.
        gaps: Numbers of the printed cells that are hidden.
        audiences: The readers with what was proved before; made anew when absent.
    """
    told: dict[str, ViewAudit] = {}
    for audience in list(audiences) or audiences_of(instance):
        audience.show(gaps)
        failed = audience.prove(audience.targets)
        pools = _Pools(instance, audience)
        for view in audience.views:
            open_targets = [target for target in failed if audience.is_open(target, view.knows)]
            told[view.name] = _view(instance, (audience, view), frozenset(gaps), open_targets)
            told[view.name].pools, told[view.name].derived = (
                elsewhere(instance, each, gaps) for each in pools.of(view)
            )
    return Audit(instance, tuple(told[view.name] for view in instance.views))


def _view(
    instance: Instance, reader: tuple[Audience, View], gaps: frozenset[int], open_targets: list[int]
) -> ViewAudit:
    audience, view = reader
    if open_targets and len(audience.unknown) <= _MOST_UNKNOWN:
        return audit_view(instance, view, (gaps, Rule()), frozenset(open_targets))
    n_known = sum(1 for target in view.knows if target in audience.is_target)
    return ViewAudit(view.name, audience.targets, n_known, undecided=sorted(open_targets), rule=RuleAudit())


class _Pools:
    """The pools of readers of the same pages: found once for all, then where a reader knows something."""

    def __init__(self, instance: Instance, audience: Audience) -> None:
        self._instance = instance
        self._audience = audience
        self._is_each = len(audience.unknown) * len(audience.views) <= _MOST_SOLVED
        self._told = told_pools(instance, audience.unknown)
        self._rows: list[dict[int, int]] = []
        self._derived: list[Pool] = []
        if not self._is_each or not all(view.knows for view in audience.views):
            keep = not self._is_each and any(view.knows for view in audience.views)
            self._derived = self._solve((audience.unknown, audience.is_target), self._told, keep=keep)
        self._reduced = Reduced(self._rows)
        self._left = self._inherited()

    def _inherited(self) -> dict[str, tuple[list[Pool], list[Pool]]]:
        """Return, where each reader knows something, the pools that are found once for all, by who tells of them.

        That is the first reader who knows none of its cells: for all of these it is the same pool.
        """
        found: dict[str, tuple[list[Pool], list[Pool]]] = {view.name: ([], []) for view in self._audience.views}
        if not self._is_each and all(view.knows for view in self._audience.views):
            for place, pools in enumerate((self._told, self._derived)):
                for pool in pools:
                    heirs = (view.name for view in self._audience.views if view.knows.isdisjoint(pool.cells))
                    for name in islice(heirs, 1):
                        found[name][place].append(pool)
        return found

    def of(self, view: View) -> tuple[list[Pool], list[Pool]]:
        """Return what one reader can compute: the sums that relations tell, and those that follow from several."""
        if not view.knows:
            return self._told, self._derived
        unknown = self._audience.unknown - view.knows
        targets = self._audience.is_target - view.knows
        if self._is_each:
            told = told_pools(self._instance, unknown)
            return told, self._solve((unknown, targets), told, keep=False)
        touched = {place for cell in view.knows for place in self._instance.sums_of[cell]}
        told = told_pools(self._instance, unknown, sorted(touched))
        rows = [row for row in self._reduced.without(view.knows) if not targets.isdisjoint(row)]
        of_all = self._left[view.name]
        return told + of_all[0], derived_pools(self._instance, rows, unknown, told) + of_all[1]

    def _solve(self, cells: tuple[Collection[int], frozenset[int]], told: list[Pool], *, keep: bool) -> list[Pool]:
        """Return the pools that follow from several sums, of the unknown cells and the targets among them."""
        unknown, targets = cells
        found: list[Pool] = []
        for part in parts_of(self._instance, unknown):
            if not targets.isdisjoint(part.cells):
                found += self._derive(part, targets, told)
                if keep:
                    self._rows += solved(part, is_sourced=False)[1]
        return found

    def _derive(self, part: Part, targets: frozenset[int], told: list[Pool]) -> list[Pool]:
        own, limits = set(part.cells), self._instance.thresholds
        for is_sourced in (False, True):  # what a pool comes from tells what may be hidden against it
            rows = [row for row in added_up(part, is_sourced=is_sourced) if not targets.isdisjoint(row)]
            found = derived_pools(self._instance, rows, own, told)
            if not any(pool.is_small(limits) or pool.is_one_sided(limits) for pool in found):
                break
        return found
