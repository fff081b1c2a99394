"""Declared facts for tests: a small school year in one line, and a copy of a deployment with one thing changed."""

import shutil
from pathlib import Path
from typing import Any

from aimline._declared_files import Loaded, shaped
from aimline._yaml import Tree, read_tree
from schemas.sources import SourcesFile
from schemas.years import YearFile

ROOT = Path(__file__).resolve().parent.parent.parent


def year_of(first_day: str, last_day: str, **rest: Any) -> Loaded[YearFile]:
    """Return a year file with these days; ``rest`` are further keys of the file, ``week`` one of its school year."""
    school_year = int(last_day[:4])
    own = {"id": school_year, "label": f"{school_year - 1}-{school_year % 100:02d}"}
    own |= {"first_day": first_day, "last_day": last_day}
    if week := rest.pop("week", None):
        own["week"] = week
    data = {"school_year": own, "time_zone": "America/Chicago", **rest}
    tree = Tree(f"t/years/{own['label']}.yml", data)
    loaded = shaped(tree, YearFile)
    assert loaded.shape is not None, [str(each) for each in tree.findings]
    return loaded


def year_from(text: str) -> Loaded[YearFile]:
    """Return a year file read from YAML text, with the places of everything."""
    return shaped(read_tree("t/years/2026-27.yml", text.encode()), YearFile)


def no_sources() -> Loaded[SourcesFile]:
    """Return a file of sources with none in it."""
    return Loaded(Tree("t/sources.yml"), SourcesFile(sources=()))


def changed_copy(into: Path, file: str, old: str, new: str, *, of: str = "riverbend") -> Path:
    """Copy a deployment and replace one piece of text in one file, once; return the copy's folder."""
    folder = into / of
    shutil.copytree(ROOT / "deployments" / of, folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text, f"{file} has no {old!r}"
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder
