"""Audit a release as its readers hold it: every layer of figures, every reader, by elimination and bounds.

It reads what ``gate`` laid out: which figures are shown, which are hidden, and what is true. How the gaps were chosen
it does not know. Messages name populations and readers; cells stand in the failures, which stay inside.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import Instance, Thresholds
from aimline.disclosure.layers import Readers, layers_of
from aimline.disclosure.report import failures
from aimline.disclosure.verdicts import Verdict, judge_layer

Row = Mapping[str, Any]
CHECKS = {"A1": "exact", "A2": "narrow", "A3": "results", "A4": "pools"}
"""Which count of a certificate each check of disclosure.md 3.4 fails by."""

OVER_RELEASES = {"A6": "releases"}
"""And the check that lays a release beside those before it."""

APPROVABLE = frozenset({"A2", "A4", "undecided"})
"""What a person may answer for; what is known exactly, or to be all or none, nobody may."""


@dataclass(frozen=True)
class Certificate:
    """What one reader can derive of one population: counts only.

    Attributes:
        population_id: Whose figures.
        view: The reader.
        n_layers: Figures over units and groups that were judged.
        n_cells: Printed cells of a unit and a group.
        n_hidden: Those that are hidden.
        n_targets: Small groups, over all layers, that the reader does not know anyway.
        exact: Known exactly.
        results: Whose result is known, or known to be all or none.
        narrow: Known nearly.
        pools: Sums of gaps that hold too few.
        undecided: Without an answer.
        width: The narrowest interval of a count; None where nothing bounds one.
        passed: Whether nothing fails.
        releases: What this release and an earlier one tell together: a few who joined or left, or a small group.
        n_printed: Those of the targets that stand on a page; the others only follow from pages (T1, T2).
        n_moved: Small groups and few who joined or left that this release and an earlier one were asked about (T3).
        n_sums: Sums of gaps that were asked about (T5).
        is_insider: The reader knows a school beside the pages, whose groups are no targets (T4).
    """

    population_id: str
    view: str
    n_layers: int
    n_cells: int
    n_hidden: int
    n_targets: int = 0
    exact: int = 0
    results: int = 0
    narrow: int = 0
    pools: int = 0
    undecided: int = 0
    width: float | None = None
    passed: bool = True
    releases: int = 0
    n_printed: int = 0
    n_moved: int = 0
    n_sums: int = 0
    is_insider: bool = False


@dataclass(frozen=True)
class Failure:
    """One target that one reader works out; a pool has the first of its cells."""

    population_id: str
    view: str
    check: str
    target: str
    is_small: bool


@dataclass(frozen=True)
class ReleaseAudit:
    """The audit of a release."""

    certificates: tuple[Certificate, ...]
    failures: tuple[Failure, ...] = ()

    def open(self, approved: Collection[str]) -> tuple[Failure, ...]:
        """Return the failures that nobody answers for.

        Args:
            approved: Cells somebody approved; no small group of the public's pages is ever among them.
        """
        return tuple(each for each in self.failures if each.target not in approved or not may_approve(each))

    def told(self) -> list[dict[str, Any]]:
        """Return the certificates as JSON holds them."""
        return [asdict(each) for each in self.certificates]

    def by_check(self) -> list[dict[str, Any]]:
        """Return rows of view, check and counts over all populations: what ``disclosure_audit`` holds."""
        views: dict[str, list[Certificate]] = defaultdict(list)
        for each in self.certificates:
            views[each.view].append(each)
        return [
            {
                "view": view,
                "check_id": check,
                "n_targets": sum(each.n_targets for each in held),
                "n_failed": sum(getattr(each, name) for each in held),
                "n_undecided": sum(each.undecided for each in held),
                "worst_width": min((each.width for each in held if each.width is not None), default=None),
                "passed": not any(getattr(each, name) or each.undecided for each in held),
            }
            for view, held in sorted(views.items())
            for check, name in (CHECKS | OVER_RELEASES).items()
        ]


def may_approve(failure: Failure) -> bool:
    """Say whether a person may answer for a failure at all."""
    return failure.check in APPROVABLE and not (failure.is_small and failure.view == "public")


def audit_figures(rows: Iterable[Row], asked: Thresholds, readers: Readers) -> ReleaseAudit:
    """Audit figures.

    Args:
        rows: As ``layers_of`` reads them, with population_id and is_hidden.
        asked: What must be kept.
        readers: Who reads them.
    """
    populations: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        populations[row["population_id"]].append(row)
    certificates: list[Certificate] = []
    found: list[Failure] = []
    for name, held in sorted(populations.items()):
        hidden = {(row["layer"], row["cell_id"]) for row in held if row["is_hidden"]}
        verdicts: dict[str, list[Verdict]] = {view: [] for view in readers.held}
        for layer, made in layers_of(held, asked, readers).items():
            instance = made.instance
            gaps = [number for number, cell in enumerate(instance.cells) if (layer, cell.cell_id) in hidden]
            told = judge_layer(instance, gaps)
            for verdict in told:
                verdicts.setdefault(verdict.view, []).append(verdict)
            if not all(verdict.is_clean for verdict in told):
                found += _failures(name, instance, gaps)
        cells = {row["cell_id"] for row in held}
        sizes = (len({row["layer"] for row in held}), len(cells), len({cell for _, cell in hidden}))
        certificates += [
            replace(
                _certificate((name, view), sizes, each), is_insider=any(part in readers.own for part in view.split("+"))
            )
            for view, each in verdicts.items()
        ]
    return ReleaseAudit(tuple(certificates), tuple(dict.fromkeys(found)))


def _certificate(named: tuple[str, str], sizes: tuple[int, int, int], verdicts: list[Verdict]) -> Certificate:
    counts = {
        name: sum(getattr(each, name) for each in verdicts)
        for name in ("n_targets", "exact", "results", "narrow", "pools", "undecided", "n_printed", "n_sums")
    }
    width = min((each.width for each in verdicts if each.width is not None), default=None)
    passed = all(each.is_clean for each in verdicts)
    return Certificate(*named, *sizes, **counts, width=width, passed=passed)


def _failures(population_id: str, instance: Instance, gaps: Collection[int]) -> list[Failure]:
    """Return what fails in a layer, target by target."""
    numbers = instance.numbers
    found = []
    for told in audit_pattern(instance, gaps, Rule()).views:
        for each in failures(told, instance):
            target = each.get("target") or each["cells"][0]
            is_small = "target" in each and instance.is_small(numbers[target])
            found.append(Failure(population_id, told.name, each["check"], target, is_small))
    return found
