"""Load a deployment: every declared file read, shaped, judged against the others, with the place of each fact.

The only way into declared facts. Reading YAML is ``aimline/_yaml.py``, what files say of each other
``aimline/_crossref.py``, how facts become rows ``aimline/_declared_rows.py``. Turning rules into dates belongs to
``aimline/schedule``.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline import _folders
from aimline._crossref import Facts, cross_findings
from aimline._declared_files import Loaded, ShapeT, shaped
from aimline._yaml import Tree, TreePath, read_tree
from aimline.errors import DeclaredFactError, Finding
from schemas._base import Fact
from schemas.audiences import AudiencesFile
from schemas.cycles import CycleFile
from schemas.decisions import DecisionsFile
from schemas.district import District
from schemas.indicators import IndicatorsFile
from schemas.instruments import InstrumentFile
from schemas.plan import PlanFile
from schemas.sources import SourcesFile
from schemas.years import YearFile

DEPLOYMENTS = _folders.DEPLOYMENTS

_SINGLE = ("district", "sources", "indicators", "audiences")
LATER: "Mapping[str, Callable[[], Fact]]" = {
    "sources": lambda: SourcesFile(sources=()),
    "indicators": lambda: IndicatorsFile(indicators=()),
    # a file that is there names at least one audience; where there is none, no page is made
    "audiences": lambda: AudiencesFile.model_construct(languages={}, audiences=()),  # type: ignore[call-arg]
}
"""Files a district may write later, and what stands in for each: a calendar comes before the first feed."""
_FOLDERS = ("years", "plans", "instruments", "cycles", "decisions")
_kept: "dict[Path, tuple[str, Deployment]]" = {}


@dataclass(frozen=True)
class Deployment:
    """The declared facts of one district.

    Attributes:
        name: Name of its folder.
        folder: Where its files are.
        years: By school year (2027 = 2026-27); plans too.
        instruments: By ``instrument_id@edition``.
        cycles: By id; decisions by review id.
        digest: SHA-256 over all files.
        findings: Warnings; a deployment with errors is never made.
        trees: The files as read, by their name in the folder.
        missing: Files that are still to be written, each as a warning.
    """

    name: str
    folder: Path
    district: District
    years: Mapping[int, YearFile]
    plans: Mapping[int, PlanFile]
    sources: SourcesFile
    indicators: IndicatorsFile
    instruments: Mapping[str, InstrumentFile]
    audiences: AudiencesFile
    cycles: Mapping[str, CycleFile]
    decisions: Mapping[str, DecisionsFile]
    digest: str
    findings: tuple[Finding, ...]
    trees: Mapping[str, Tree] = field(repr=False)
    missing: tuple[Finding, ...] = ()

    def where(self, path: TreePath, file: str) -> tuple[str, int, int]:
        """Return file, line and column of a fact.

        Args:
            path: Keys and positions, such as ``("windows", 0, "opens")``.
            file: Name in the folder, such as ``years/2026-27.yml``.
        """
        tree = self.trees[file]
        return (tree.file, *tree.where(path))

    def year_file(self, school_year: int) -> str:
        """Return the name of the file of a school year."""
        return f"years/{self.years[school_year].school_year.label}.yml"


@dataclass(frozen=True)
class Judged:
    """A deployment as far as it can be read, with everything wrong with it.

    Attributes:
        folder: Where its files are.
        facts: The files, for further judgement.
        findings: Errors and warnings, sorted.
        n_files: How many files were read.
        deployment: What the rest works with; None when there is an error.
        as_read: The same in spite of errors; None where a file cannot be read.
    """

    folder: Path
    facts: Facts
    findings: tuple[Finding, ...]
    n_files: int
    deployment: Deployment | None
    as_read: Deployment | None


def judge_deployment(name_or_path: str | Path, instead: Mapping[str, bytes] | None = None) -> Judged:
    """Read all declared facts of a deployment and judge them, without raising for what is wrong in them.

    Args:
        name_or_path: Name below ``deployments/``, or the path of a folder.
        instead: Files as they would be, by their name in the folder: judged before they are written.

    Raises:
        UsageError: There is no such folder.
    """
    folder = _folders.folder_of(name_or_path)
    loaded = _read_all(folder, instead or {})
    facts = _facts(loaded)
    found = {finding for each in loaded.values() for finding in each.tree.findings}
    findings = tuple(sorted({*found, *_missing_files(folder, loaded), *cross_findings(facts)}))
    is_wrong = any(finding.severity == "error" for finding in findings)
    is_whole = "district.yml" in loaded and all(each.shape for each in loaded.values())
    as_read = _deployment(folder, loaded, findings) if is_whole else None
    return Judged(folder, facts, findings, len(loaded), None if is_wrong else as_read, as_read)


def load_deployment(name_or_path: str | Path, needs: Collection[str] = ()) -> Deployment:
    """Read and judge all declared facts of a deployment, as far as it has them: a year can be planned before any feed.

    Args:
        name_or_path: Name below ``deployments/``, or the path of a folder.
        needs: Files it must have beside ``district.yml`` and its years, of those in ``LATER``.

    Raises:
        UsageError: There is no such folder.
        DeclaredFactError: Something declared is wrong or not there; all findings, sorted.
    """
    deployment = _load(_folders.folder_of(name_or_path))
    lacks = [each for each in deployment.missing if Path(each.file).stem in needs]
    if lacks:
        raise DeclaredFactError([replace(each, severity="error") for each in lacks])
    return deployment


def _load(folder: Path) -> Deployment:
    """Read a folder, once a process for the same files."""
    mark = _folders.mark_of(folder)
    kept = _kept.get(folder)
    if kept is not None and kept[0] == mark:
        return kept[1]
    judged = judge_deployment(folder)
    if judged.deployment is None:
        raise DeclaredFactError([each for each in judged.findings if each.severity == "error"])
    _kept[folder] = mark, judged.deployment
    return judged.deployment


def read_shape(file: str, raw: bytes, shape: type[ShapeT]) -> tuple[ShapeT | None, list[Finding]]:
    """Read other YAML than a deployment's into its shape, such as what a page says of itself.

    Args:
        file: Its name in messages.
        raw: Its bytes.
        shape: What it may hold.

    Returns:
        The shape, None when nothing of it can be used, and everything that is wrong.
    """
    loaded = shaped(read_tree(file, raw), shape)
    return loaded.shape, loaded.tree.findings


def state_root(deployment: Deployment, state: str | None) -> Path:
    """Return the state root of a deployment's district."""
    return _folders.state_of(deployment.district.district_id, state)


def declared_rows(
    deployment: Deployment, dates: Mapping[tuple[int, str], Mapping[str, Any]] | None = None
) -> dict[str, list[dict[str, Any]]]:
    """Return every declared fact as rows for SQL, by entity ``declared_<kind>`` (columns: ``schemas/declared.py``).

    Args:
        deployment: The declared facts.
        dates: Dates that rules give, by (school year, id of a window or review): columns such as ``opens_on``.
    """
    from aimline._declared_rows import rows_of

    return rows_of(deployment, dates or {})


_SHAPES: dict[str, type[Fact]] = {
    "district": District,
    "sources": SourcesFile,
    "indicators": IndicatorsFile,
    "audiences": AudiencesFile,
    "years": YearFile,
    "plans": PlanFile,
    "instruments": InstrumentFile,
    "cycles": CycleFile,
    "decisions": DecisionsFile,
}


def _read_all(folder: Path, instead: Mapping[str, bytes]) -> dict[str, Loaded[Any]]:
    """Read every declared file of a folder, by its name in the folder."""
    names = [f"{name}.yml" for name in _SINGLE if (folder / f"{name}.yml").is_file()]
    for kind in _FOLDERS:
        found = {f"{kind}/{path.name}" for path in (folder / kind).glob("*.yml")}
        names += sorted(found | {name for name in instead if name.startswith(f"{kind}/")})
    return {name: _read(folder, name, instead.get(name)) for name in names}


def _read(folder: Path, name: str, instead: bytes | None) -> Loaded[Any]:
    """Read one file into the shape of its kind."""
    told = f"{folder.name}/{name}"
    try:
        raw = (folder / name).read_bytes() if instead is None else instead
    except OSError:
        tree = Tree(told)
        tree.findings.append(Finding(told, 1, 1, "", "the file cannot be read.", "Correct its permissions."))
        return Loaded(tree)
    return _understood(told, raw, _SHAPES[name.partition("/")[0].removesuffix(".yml")])


@lru_cache(maxsize=128)
def _understood(told: str, raw: bytes, shape: type[Fact]) -> Loaded[Any]:
    """Return what the bytes of a file say; the same bytes are read once in a process, and nobody changes the answer."""
    return shaped(read_tree(told, raw), shape)


def _missing_files(folder: Path, loaded: Mapping[str, Loaded[Any]]) -> Iterator[Finding]:
    """Yield what a deployment lacks, and files that nothing would read."""
    if "district.yml" not in loaded:
        yield Finding(f"{folder.name}/district.yml", 1, 1, "", "the file is missing.", "Write it.")
    if not any(name.startswith("years/") for name in loaded):
        yield Finding(f"{folder.name}/years", 1, 1, "", "no school year is declared.", "Write years/<label>.yml.")
    for path in sorted(
        [*folder.glob("*.y*ml"), *(file for kind in _FOLDERS for file in (folder / kind).glob("*.y*ml"))]
    ):
        name = path.relative_to(folder).as_posix()
        if name not in loaded:
            yield Finding(
                f"{folder.name}/{name}", 1, 1, "", "this file is not read.", "Correct its name, or remove it."
            )


def _written_later(folder: Path, loaded: Mapping[str, Loaded[Any]]) -> Iterator[Finding]:
    """Yield the files that are still to be written."""
    for name in LATER:
        if f"{name}.yml" not in loaded:
            told = (f"{folder.name}/{name}.yml", 1, 1, "", "the file is missing.", "Write it before the first night.")
            yield Finding(*told, severity="warning")


def _under(loaded: Mapping[str, Loaded[Any]], kind: str) -> tuple[Loaded[Any], ...]:
    return tuple(each for name, each in loaded.items() if name.startswith(f"{kind}/"))


def _facts(loaded: Mapping[str, Loaded[Any]]) -> Facts:
    """Gather the files for the judgement of what they say of each other."""
    single: dict[str, Any] = {name: loaded.get(f"{name}.yml", Loaded(Tree(f"{name}.yml"))) for name in _SINGLE}
    below: dict[str, Any] = {kind: _under(loaded, kind) for kind in _FOLDERS}
    return Facts(**single, **below)


def _deployment(folder: Path, loaded: Mapping[str, Loaded[Any]], warnings: tuple[Finding, ...]) -> Deployment:
    digest = sha256()
    for name in sorted(loaded):
        digest.update(f"{name}\0{loaded[name].tree.sha256}\n".encode())
    below: dict[str, list[Any]] = {kind: [each.shape for each in _under(loaded, kind)] for kind in _FOLDERS}
    single: dict[str, Any] = {name: loaded[f"{name}.yml"].shape for name in _SINGLE if f"{name}.yml" in loaded}
    missing = tuple(_written_later(folder, loaded))
    single |= {name: stand_in() for name, stand_in in LATER.items() if name not in single}
    trees = {f"{name}.yml": Tree(f"{folder.name}/{name}.yml") for name in _SINGLE}
    return Deployment(
        name=folder.name,
        folder=folder,
        **single,
        years={year.school_year.id: year for year in below["years"]},
        plans={plan.school_year: plan for plan in below["plans"]},
        instruments={each.key: each for each in below["instruments"]},
        cycles={each.cycle_id: each for each in below["cycles"]},
        decisions={each.review_id: each for each in below["decisions"]},
        digest=digest.hexdigest(),
        findings=warnings,
        trees=trees | {name: each.tree for name, each in loaded.items()},
        missing=missing,
    )
