"""Judge layers of figures, each once: the audit's verdict on an instance and its gaps never changes.

A verdict holds counts, no cell and no value. Verdicts are kept within a process, and in a file where a state root is
named, so that a night asks only about figures that are new; in a file beside it the gaps of every population, which
the warehouse holds too, by the digest of all they were chosen from. Both are caches: without them the answer is the
same.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.disclosure.audit import ViewAudit, audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.instance import Instance
from aimline.disclosure.proof import prove_pattern
from aimline.disclosure.report import failures
from aimline.storage import LocalStore

KEPT_IN = "cache/verdicts.json"
CHOSEN_IN = "cache/patterns.json"
LARGE = 250
"""Cells from which a layer is judged by proofs instead of bounds."""


@dataclass(frozen=True)
class Verdict:
    """What the audit found of one reader of one layer.

    Attributes:
        view: The reader.
        n_targets: Small groups that reader does not know.
        exact: Known exactly.
        results: Whose result is known, or known to be all or none.
        narrow: Known nearly.
        pools: Sums of gaps that hold too few.
        undecided: Without an answer.
        is_clean: Whether no check fails.
        width: The narrowest interval of a count; None where no bound was needed.
        n_printed: Those of the targets that stand on a page.
        n_sums: Sums of hidden cells that were looked at.
    """

    view: str
    n_targets: int
    exact: int
    results: int
    narrow: int
    pools: int
    undecided: int
    is_clean: bool
    width: float | None
    n_printed: int
    n_sums: int


@dataclass(frozen=True)
class _Chosen:
    """The gaps of a population with their reasons, and the verdicts they rest on."""

    gaps: Mapping[str, str]
    verdicts: tuple[str, ...]


_kept: dict[str, tuple[Verdict, ...]] = {}
_used: set[str] = set()
_chosen: dict[str, _Chosen] = {}
_used_chosen: set[str] = set()


def judge_layer(instance: Instance, gaps: Collection[int]) -> tuple[Verdict, ...]:
    """Return the verdict of the audit on a pattern, one for each reader; none where nobody is small or hidden."""
    if not gaps and not instance.small:
        return ()
    key = _digest(instance, gaps)
    if key not in _kept:
        is_large = len(instance.cells) > LARGE and not instance.thresholds.counts_known
        audit = prove_pattern(instance, gaps) if is_large else audit_pattern(instance, gaps, Rule())
        _kept[key] = tuple(_verdict(told, instance) for told in audit.views)
    _used.add(key)
    return _kept[key]


def chosen_once(digest: str, choose: Callable[[], Mapping[str, str]]) -> Mapping[str, str]:
    """Return the gaps that were chosen from what has a digest; choose them where that was never done.

    Args:
        digest: Of all that the choice rests on, the code that chooses included.
        choose: Chooses, and asks for verdicts.
    """
    found = _chosen.get(digest)
    if found is None or any(key not in _kept for key in found.verdicts):
        others = frozenset(_used)
        _used.clear()
        gaps = choose()
        found = _chosen[digest] = _Chosen(gaps, tuple(sorted(_used)))
        _used.update(others)
    _used.update(found.verdicts)
    _used_chosen.add(digest)
    return found.gaps


def _verdict(told: ViewAudit, instance: Instance) -> Verdict:
    failed = failures(told, instance)
    widths = [high - low for low, high in told.counts.values()]
    known = next(view.knows for view in instance.views if view.name == told.name)
    return Verdict(
        told.name,
        len(told.targets) - told.n_known,
        len(told.exact),
        len({*told.result_known, *told.all_or_none, *told.stiff}),
        len(told.narrow),
        sum(each["check"] == "A4" for each in failed),
        len(told.undecided),
        not failed,
        min((width for width in widths if width < float("inf")), default=None),
        sum(1 for target in told.targets if target not in known and instance.cells[target].is_printed),
        len(told.pools) + len(told.derived),
    )


def _digest(instance: Instance, gaps: Collection[int]) -> str:
    told = (
        engine_version(),
        instance.thresholds,
        [(cell.n, cell.x, cell.is_printed, cell.audience, cell.small) for cell in instance.cells],
        [relation.cells for relation in instance.relations],
        [(view.name, sorted(view.sees or ()), view.sees is None, sorted(view.knows)) for view in instance.views],
        sorted(gaps),
    )
    return sha256(repr(told).encode()).hexdigest()


@lru_cache(maxsize=1)
def engine_version() -> str:
    """Return a digest of the code that judges: a verdict of other code says nothing."""
    digest = sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def remembered(store: LocalStore | None) -> Iterator[None]:
    """Judge with the verdicts of earlier nights at hand, and keep those that were used; without a store, only here."""
    if store is None:
        yield
        return
    _used.clear()
    _used_chosen.clear()
    before = recall(store)
    yield
    chosen = {key: (dict(_chosen[key].gaps), _chosen[key].verdicts) for key in sorted(_used_chosen)}
    held = {key: [list(vars(each).values()) for each in _kept[key]] for key in sorted(_used)}
    for key, told in ((KEPT_IN, held), (CHOSEN_IN, chosen)):
        data = json.dumps({"engine": engine_version(), "held": told}).encode()
        if data != before[key]:
            store.put_atomic(key, data)


def recall(store: LocalStore) -> dict[str, bytes]:
    """Read what earlier nights left; what cannot be read is judged again. Return the bytes that were there."""
    return {
        KEPT_IN: _read(store, KEPT_IN, _recall_verdict),
        CHOSEN_IN: _read(store, CHOSEN_IN, _recall_chosen),
    }


def _read(store: LocalStore, name: str, take: Callable[[str, Any], None]) -> bytes:
    data = b""
    with suppress(OSError, ValueError, TypeError, KeyError):
        data = store.path(name).read_bytes()
        told = json.loads(data)
        if told["engine"] == engine_version():
            for key, held in told["held"].items():
                take(key, held)
    return data


def _recall_verdict(key: str, held: Any) -> None:
    if key not in _kept:
        _kept[key] = tuple(Verdict(*each) for each in held)


def _recall_chosen(key: str, held: Any) -> None:
    gaps, verdicts = held
    if key not in _chosen:
        _chosen[key] = _Chosen(dict(gaps), tuple(verdicts))
