"""Choose the gaps of an instance: few, cheap, and safe for every reader by the audit's own word.

The search keeps the rules of sums and intervals. What it does not know, a sum of gaps that follows from several
relations, and the reader who knows that no gap is empty, the audit tells; then more is hidden, until the audit is
clean. What cannot be made safe is refused.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from aimline.disclosure.audit import Audit, ViewAudit, audit_pattern
from aimline.disclosure.aware import Rule as Known
from aimline.disclosure.district import District
from aimline.disclosure.extras import asked_gaps
from aimline.disclosure.instance import Instance
from aimline.disclosure.links import missing_links
from aimline.disclosure.pools import Pool
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.proofs import Proofs
from aimline.disclosure.relations import Rule, Task, cost, task_of
from aimline.disclosure.report import is_clean
from aimline.disclosure.search import Gaps, NoPatternError, Search

DEFAULT_ROUNDS = 20
KEPT = 0.25
"""What hiding a cell costs that was hidden in the previous pattern, of what it would cost else."""

LARGE = 250
"""Cells from which a district is protected school by school."""

_N_EXTRA = 30


@dataclass(frozen=True)
class Protection:
    """A pattern and its proof.

    Attributes:
        gaps: The printed cells that are hidden: the small ones, and those that protect them.
        audit: What every reader derives from it.
        at_least: So many secondary gaps every safe pattern has, as far as the search has shown.
        refusal: Why no safe pattern exists; empty when this one is safe.
        proofs: What was proved of a large district, for the next night.
    """

    gaps: Gaps
    audit: Audit
    at_least: int = 0
    refusal: str = ""
    proofs: Proofs | None = None


def protect(  # noqa: PLR0913 - each is a wish of the caller
    instance: Instance,
    previous: Collection[int] = (),
    n_rounds: int | None = None,
    proofs: Proofs | None = None,
    *,
    asked: Collection[int] = (),
) -> Protection:
    """Protect an instance.

    Args:
        instance: Cells, sums and readers.
        previous: Gaps of an earlier pattern; they are kept where they still serve.
        n_rounds: How often to look for a cheaper pattern; none after a previous one, else until the cheapest is
            proved or ``DEFAULT_ROUNDS``.
        proofs: What was proved of an earlier night; of a large district only the schools that changed are done anew.
        asked: Cells that are hidden whatever else is.
    """
    wanted = frozenset(asked) | asked_gaps(instance)
    made = _protected(instance, (frozenset(previous), wanted), n_rounds, proofs)
    while not made.refusal and (more := missing_links(instance, made.gaps)):
        wanted |= more
        made = _protected(instance, (made.gaps | frozenset(previous), wanted), n_rounds, made.proofs or proofs)
    return made


def _protected(instance: Instance, held: tuple[Gaps, Gaps], n_rounds: int | None, proofs: Proofs | None) -> Protection:
    """Protect with what is held of an earlier pattern, and what is asked for."""
    previous, asked = held
    if len(instance.cells) > LARGE and instance.blocks and not instance.thresholds.counts_known:
        kept = previous | (proofs.gaps if proofs else frozenset())
        return _large(instance, (kept, asked), n_rounds, proofs)
    task = task_of(instance)
    kept = previous & frozenset(task.choices)
    rounds = (0 if kept else DEFAULT_ROUNDS) if n_rounds is None else n_rounds
    search = Search(task, _weights(task, kept), rounds)
    try:
        search.judge()
        search.learn(Rule({cell: 1.0}, 1.0) for cell in sorted(asked & frozenset(task.choices)))
        return _safe(task, search, kept, asked & frozenset(task.choices))
    except NoPatternError as error:
        everything = Protection(
            task.primary | frozenset(task.choices), _audited(instance, task.primary | {*task.choices})
        )
        if is_clean(everything.audit):
            return _opened(search, everything, frozenset(task.choices) - asked)
        return replace(everything, refusal=_refusal(instance, error))


def _opened(search: Search, found: Protection, offered: Gaps) -> Protection:
    """Show again what need not be hidden, the most useful first, of a pattern that is safe by the audit's word.

    So is every step, which the search cannot say of gaps that only the audit asked for.
    """
    for cell in sorted(found.gaps & offered, key=lambda cell: (-search.weights[cell], cell)):
        gaps = found.gaps - {cell}
        audit = _audited(search.task.instance, gaps)
        if is_clean(audit):
            found = Protection(gaps, audit, search.at_least)
    return found


def _large(instance: Instance, held: tuple[Gaps, Gaps], n_rounds: int | None, proofs: Proofs | None) -> Protection:
    """Protect a district school by school; ``held`` are earlier gaps, and those that are asked for."""
    kept, asked = held
    district = District(instance, kept, (0 if kept else 1) if n_rounds is None else n_rounds, proofs)
    district.ask(asked)
    try:
        gaps, audit = district.protect()
    except NoPatternError as error:
        gaps = frozenset(number for number, cell in enumerate(instance.cells) if cell.is_printed and cell.n > 0)
        return Protection(gaps, prove_pattern(instance, gaps), refusal=_refusal(instance, error))
    return Protection(gaps, audit, proofs=Proofs.of(district.told, gaps, district.audiences))


def _safe(task: Task, search: Search, kept: Gaps, asked: Gaps) -> Protection:
    """Search, audit, and learn from the audit until it is clean."""
    gaps, told = search.first(kept | asked), frozenset[int]()
    for _ in range(_N_EXTRA):
        gaps = search.cheapest(gaps)
        audit = _audited(task.instance, task.primary | gaps)
        if is_clean(audit):
            found = Protection(task.primary | gaps, audit, search.at_least)
            return _opened(search, found, told & frozenset(task.choices) - asked)
        rules = [rule for view in audit.views for rule in _told(task, gaps, view)]
        told = told.union(*(rule.weights for rule in rules))
        search.learn(rules)
        gaps = search.first(gaps)
    raise NoPatternError(task.readers[0], None)


def _audited(instance: Instance, gaps: Gaps) -> Audit:
    return audit_pattern(instance, gaps, Known())


def _weights(task: Task, kept: Gaps) -> dict[int, float]:
    """Weigh the cells so that fewer gaps always win, and among as many those that take least from the readers."""
    costs = {cell: cost(task.instance.cells[cell]) * (KEPT if cell in kept else 1.0) for cell in task.choices}
    whole = 2.0 * sum(costs.values())
    return {cell: 1.0 + each / whole for cell, each in costs.items()}


def _told(task: Task, gaps: Gaps, told: ViewAudit) -> list[Rule]:
    """Write as rules what the search did not foresee: pools that follow from several sums, and what a gap means."""
    limits = task.instance.thresholds
    rules = [
        _pool_rule(task, gaps, pool) for pool in told.derived if pool.is_small(limits) or pool.is_one_sided(limits)
    ]
    if limits.counts_known:
        rules += [_nearby_rule(task, gaps, target) for target in sorted({*told.narrow, *told.stiff})]
    if told.rule:
        aware = {*told.rule.exact, *told.rule.result_known, *told.rule.all_or_none}
        rules += [_nearby_rule(task, gaps, target) for target in sorted(aware | set(told.undecided))]
    return rules


def _pool_rule(task: Task, gaps: Gaps, pool: Pool) -> Rule:
    """Ask that something the sum is computed from be hidden, or something in it shown."""
    source = {cell: 1.0 for cell in pool.source if cell in task.choices}
    inside = {cell: -1.0 for cell in pool.cells if cell in gaps}
    if not source and not inside:
        raise NoPatternError(task.readers[0], pool.cells[0])
    return Rule(source | inside, 1.0 - len(inside))


def _nearby_rule(task: Task, gaps: Gaps, target: int) -> Rule:
    """Ask for one more gap near a target."""
    near = frozenset({target})
    while not (more := near & frozenset(task.choices) - gaps):
        wider = _beside(task, near)
        if wider == near:
            raise NoPatternError(task.readers[0], target)
        near = wider
    return Rule(dict.fromkeys(sorted(more), 1.0), 1.0)


def _beside(task: Task, near: Collection[int]) -> frozenset[int]:
    """Return some cells and all that stand in a sum with them."""
    tied = (relation.cells for relation in task.instance.relations if not set(near).isdisjoint(relation.cells))
    return frozenset(near).union(*tied)


def _refusal(instance: Instance, error: NoPatternError) -> str:
    view = error.reader.view
    cell = "a protected cell" if error.target is None else instance.cells[error.target].cell_id
    return (
        f'No safe pattern exists for view "{view.name}": the reader knows {len(view.knows)} cells that determine '
        f"{cell}. Coarsen, or drop the view."
    )
