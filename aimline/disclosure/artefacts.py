"""Judge finished pages: every number traced, one figure the same everywhere, nothing said about a gap.

Fail closed: a file that nobody can read, that the manifest does not list or lists with other bytes, refuses the site.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from aimline.disclosure.audit import audit_pattern
from aimline.disclosure.aware import Rule
from aimline.disclosure.figures import unequal, untrue, values_of
from aimline.disclosure.gap_marks import gap_content, styles_of_gaps
from aimline.disclosure.geometry import strange_drawings, unlike_marks, unscaled_shapes, wrong_shapes
from aimline.disclosure.instance import Instance, read_gaps, read_instance
from aimline.disclosure.presence import (
    MANIFEST,
    Declared,
    cells_amiss,
    feeds_amiss,
    files_amiss,
    pages_of_some,
    siblings,
)
from aimline.disclosure.readback import is_of_kind, read_file
from aimline.disclosure.readings import NOBODY, SAID, Place, Read, Reading, Shape, numbers_in, place_of
from aimline.disclosure.released import Released, gaps_in, group_names, not_given, otherwise, read_released, rows_amiss
from aimline.disclosure.report import protect_json
from aimline.errors import DisclosureInputError

INSTANCE, PATTERN, SNAPSHOT = "instance.json", "pattern.json", "snapshot.duckdb"
_UNIT_OF_CELL = (re.compile(r"(?:^|\|)school=([^|]+)"), re.compile(r"\|school\|([^|]+)"))
_LANGUAGE = re.compile(r"[^/]+/[^/]+/([a-z]{2})/")
"""Where pages of another language than an edition's first stand: ``audience/unit/es/``."""
_UNREAD = "this file is not what its name says, or can be read in two ways"
DESCRIPTION = "description"
"""The field of what a chart says in words."""


_Found = TypeVar("_Found", Reading, Shape)


@dataclass(frozen=True)
class Truth:
    """What the release says of its site.

    Attributes:
        release_id: Its name.
        declared: What the manifest says of the files.
        instance: The cells behind the figures, when they lie beside the site.
        gaps: The cells that must not be shown, when the pattern lies beside it.
        texts: Declared words with numbers in them, of the manifest.
        drawings: What pages always draw, of the manifest; where it names none, signs are not compared.
        tellings: How each audience is told figures; audiences told alike must read the same.
        released: What the release gives the readers of each edition, where its tables lie beside the site.
    """

    release_id: str = ""
    declared: Declared = field(default_factory=Declared)
    instance: Instance | None = None
    gaps: frozenset[int] | None = None
    texts: tuple[str, ...] = ()
    drawings: tuple[str, ...] = ()
    tellings: Mapping[str, str] = field(default_factory=dict)
    released: Released = field(default_factory=dict)

    def apart(self, found: Iterable[_Found]) -> dict[str, list[_Found]]:
        """Return what was read by how the readers of its file are told figures, and in which language."""
        hows: dict[str, str] = {}
        groups: dict[str, list[_Found]] = defaultdict(list)
        for each in found:
            how = hows.get(each.path)
            if how is None:
                spoken = _LANGUAGE.match(each.path)
                how = self.tellings.get(each.path.partition("/")[0], "")
                how = hows[each.path] = f"{how}/{spoken[1]}" if spoken else how
            groups[how].append(each)
        return groups


@dataclass
class SiteAudit:
    """What was found; every list empty is what a site must be."""

    release_id: str
    n_artefacts: int = 0
    n_numbers: int = 0
    untraced: list[Place] = field(default_factory=list)
    unequal: list[Place] = field(default_factory=list)
    gap_content: list[Place] = field(default_factory=list)
    presence: list[Place] = field(default_factory=list)
    foreign_unit: list[Place] = field(default_factory=list)
    geometry: list[Place] = field(default_factory=list)
    views: dict[str, Any] = field(default_factory=dict)

    @property
    def places(self) -> dict[str, list[Place]]:
        """Return what was found, by check."""
        return {
            "untraced": self.untraced,
            "unequal": self.unequal,
            "gap_content": self.gap_content,
            "presence": self.presence,
            "foreign_unit": self.foreign_unit,
            "geometry": self.geometry,
        }

    @property
    def passed(self) -> bool:
        """Say whether nothing was found, in at least one file, and no reader derives what is protected."""
        found = any(self.places.values())
        return self.n_artefacts > 0 and not found and all(view["passed"] for view in self.views.values())

    def told(self) -> dict[str, Any]:
        """Return what ``aimline audit-site`` prints."""
        return {
            "release_id": self.release_id,
            "n_artefacts": self.n_artefacts,
            "n_numbers": self.n_numbers,
            "n_untraced": len(self.untraced),
            "untraced": self.untraced,
            "unequal": self.unequal,
            "gap_content": self.gap_content,
            "presence": self.presence,
            "foreign_unit": self.foreign_unit,
            "geometry": self.geometry,
            "views": self.views,
            "passed": self.passed,
        }


def read_truth(folder: Path) -> Truth:
    """Read what lies beside a site: its manifest, and the cells and the pattern when they are there.

    Raises:
        DisclosureInputError: There is no manifest, or it cannot be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8-sig"))
        artefacts = manifest.get("artefacts")
        declared = _declared(artefacts, manifest.get("names", ()))
        texts = (*map(str, manifest.get("texts", ())), str(manifest.get("release_id") or "-" * 9))
        drawings = tuple(map(str, manifest.get("drawings", ())))
        tellings = {str(name): str(how) for name, how in manifest.get("tellings", {}).items()}
        readers = readers_of(artefacts or ())
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise DisclosureInputError(
            f"{folder / MANIFEST} cannot be read, so nobody can tell which files belong to the site.",
            remedy="Give a site of a release, or its release with --release.",
        ) from None
    instance = read_instance(folder / INSTANCE) if (folder / INSTANCE).is_file() else None
    gaps = read_gaps(folder / PATTERN, instance) if instance and (folder / PATTERN).is_file() else None
    released = read_released(folder / SNAPSHOT, readers) if (folder / SNAPSHOT).is_file() else {}
    return Truth(str(manifest.get("release_id", "")), declared, instance, gaps, texts, drawings, tellings, released)


def readers_of(artefacts: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, str]]:
    """Return whose each edition is, (audience, unit) by folder, of the files that a manifest lists."""
    told = ((str(each["path"]).split("/"), each) for each in artefacts if "audience_id" in each)
    return {"/".join(path[:2]): (str(each["audience_id"]), str(each["unit_id"])) for path, each in told}


def _declared(artefacts: Any, names: Iterable[str]) -> Declared:
    """Read what a manifest says of files: their digests, and the declared page each is, where it says so."""
    if artefacts is None:
        return Declared()
    listed = {each["path"]: each["sha256"] for each in artefacts}
    if not all(isinstance(part, str) for pair in listed.items() for part in pair):
        raise TypeError("paths and digests are texts")
    pages = {each["path"]: str(each["page"]) for each in artefacts if each.get("page")}
    return Declared(listed, pages, frozenset(map(str, names)))


def audit_site(site: Path, truth: Truth) -> SiteAudit:
    """Read every file of a site back and judge it."""
    told = SiteAudit(truth.release_id)
    places = sorted(site.rglob("*"))
    files = {path.relative_to(site).as_posix(): path.read_bytes() for path in places if path.is_file()}
    told.n_artefacts = len(files) - (MANIFEST in files)
    read = Read()
    for path, content in files.items():
        if path == MANIFEST:
            continue
        found = read_file(path, content, truth.texts)
        if found is None:
            told.untraced.append(
                place_of(path, 0, _UNREAD if is_of_kind(path) else "nobody can read a file of this kind")
            )
            continue
        read.readings += found.readings
        read.shapes += found.shapes
        read.strays += found.strays
        read.n_numbers += found.n_numbers
    told.n_numbers = read.n_numbers
    told.untraced += [place_of(*stray) for stray in read.strays]
    told.presence += files_amiss(files, truth.declared, read.readings)
    told.presence += feeds_amiss(files)
    told.presence += [
        place_of(path.relative_to(site).as_posix(), 0, "this is neither a file nor a folder with one")
        for path in places
        if not path.is_file() and not (path.is_dir() and any(path.iterdir()))
    ]
    _judge_readings(told, read, truth)
    if truth.instance and truth.gaps:
        hidden = [truth.instance.cells[number] for number in truth.gaps]
        told.gap_content += styles_of_gaps(
            files, {name for each in hidden for name in (each.cell_id, each.group or "")}
        )
    return told


def _judge_readings(told: SiteAudit, read: Read, truth: Truth) -> None:
    hidden = _hidden(read.readings, truth)
    shown = [each for each in read.readings if _key(each) not in hidden]
    told.gap_content += gap_content(read, hidden)
    drawn = [
        shape for shape in read.shapes if shape.mark is None or (shape.mark.cell, shape.mark.indicator) not in hidden
    ]
    by_telling, drawn_by = truth.apart(shown), truth.apart(drawn)
    for how in sorted({*by_telling, *drawn_by}):
        alike, shapes = by_telling.get(how, []), drawn_by.get(how, [])
        told.unequal += unequal(alike)
        values = {each.mark: values_of(each.text) for each in alike if each.text and each.mark.field != DESCRIPTION}
        told.geometry += [place_of(*each) for each in (*wrong_shapes(shapes, values), *unscaled_shapes(shapes))]
    told.geometry += [place_of(*each) for each in unlike_marks(read.shapes)]
    told.unequal += untrue(shown, truth.instance)
    told.foreign_unit += _foreign(read.readings, truth.instance)
    told.untraced += _unsaid(shown)
    if truth.released:
        told.foreign_unit += not_given(truth.released, read.readings)
        told.unequal += otherwise(truth.released, shown)
        told.presence += rows_amiss(truth.released, read.readings)
        told.presence += pages_of_some(truth.declared.listed or (), group_names(truth.released))
    if truth.drawings:
        told.geometry += [place_of(*each) for each in strange_drawings(read.shapes, truth.drawings)]
    if truth.instance:
        empty = {cell.cell_id for cell in truth.instance.cells if not cell.n}
        cells = {each.mark.cell for each in shown if numbers_in(each.text)} - SAID
        cells |= {each.mark.cell for each in shown if each.text.casefold() in NOBODY} & empty
        told.presence += cells_amiss(cells, read.readings, (truth.instance, truth.gaps))
        told.presence += pages_of_some(truth.declared.listed or (), siblings(truth.instance))
        _judge_shown(told, cells, truth.instance)


def _unsaid(readings: Iterable[Reading]) -> Iterator[Place]:
    """Yield the numbers of a chart's description that no figure of the same file says."""
    said: dict[str, set[str]] = defaultdict(set)
    listed = list(readings)
    for each in listed:
        if each.mark.field != DESCRIPTION:
            said[each.path].update(numbers_in(each.text))
    for each in listed:
        if each.mark.field == DESCRIPTION:
            for number in numbers_in(each.text):
                if number not in said[each.path]:
                    yield place_of(each.path, each.line, number, each.mark)


def _judge_shown(told: SiteAudit, cells: set[str], instance: Instance) -> None:
    """Audit what is shown as if it were the pattern."""
    numbers = instance.numbers
    printed = {cell.cell_id for cell in instance.cells if cell.is_printed}
    not_shown = frozenset(numbers[cell] for cell in printed - cells)
    told.views = protect_json(audit_pattern(instance, not_shown, Rule()), not_shown)["views"]


def _hidden(readings: Iterable[Reading], truth: Truth) -> set[tuple[str, str]]:
    """Return what is a gap: by its own word somewhere, by the release, or by the pattern."""
    readings = list(readings)
    hidden = {_key(each) for each in readings if each.is_gap} | gaps_in(truth.released, readings)
    if truth.instance and truth.gaps is not None:
        names = set(truth.instance.names(truth.gaps))
        hidden |= {_key(each) for each in readings if each.mark.cell in names}
    return hidden


def _key(reading: Reading) -> tuple[str, str]:
    return reading.mark.cell, reading.mark.indicator


def _foreign(readings: Iterable[Reading], instance: Instance | None) -> Iterator[Place]:
    """Yield figures of one school in the edition of another."""
    units = {cell.cell_id: cell.unit_id for cell in instance.cells if cell.unit == "school"} if instance else {}
    named = [(each, units.get(each.mark.cell) or _unit_in(each.mark.cell)) for each in readings]
    schools = {unit for _, unit in named if unit} | {unit for unit in units.values() if unit}
    told = set()
    for each, unit in named:
        edition = each.path.split("/")
        if len(edition) > 2 and edition[1] in schools and unit and unit != edition[1]:  # noqa: PLR2004 - audience/unit
            if (each.path, each.line, each.mark.cell) not in told:
                yield place_of(each.path, each.line, f"a figure of unit {unit}", each.mark)
            told.add((each.path, each.line, each.mark.cell))


@lru_cache(maxsize=8192)
def _unit_in(cell: str) -> str | None:
    found = (pattern.search(cell) for pattern in _UNIT_OF_CELL)
    return next((match[1] for match in found if match), None)
