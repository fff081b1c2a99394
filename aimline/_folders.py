"""Find the folders Aimline works in, and tell a deployment's content by a digest, without reading it into its shape."""

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from aimline.errors import UsageError

DEPLOYMENTS = Path(__file__).resolve().parent.parent / "deployments"

HOME = "AIMLINE_HOME"


def home() -> Path:
    """Return the folder of what is this machine's, not a district's: ``AIMLINE_HOME``, else ``var/.aimline``."""
    return Path(os.environ.get(HOME) or Path("var") / ".aimline")


def state_of(district_id: str, state: str | None) -> Path:
    """Return the state root of a district: as given, else ``AIMLINE_STATE``, else ``var/<district>``."""
    return Path(state or os.environ.get("AIMLINE_STATE") or Path("var") / district_id)


def folder_of(name_or_path: str | Path) -> Path:
    """Return the folder of a deployment: of a path that has a ``district.yml``, else of a name.

    Raises:
        UsageError: There is no such folder.
    """
    given = Path(name_or_path)
    named = DEPLOYMENTS / given
    folder = given if given.is_dir() and (given / "district.yml").exists() else named
    if folder.is_dir() and str(name_or_path) not in {"", ".", ".."}:
        return folder.resolve()
    known = sorted(path.parent.name for path in DEPLOYMENTS.glob("*/district.yml"))
    raise UsageError(
        f"there is no deployment '{str(name_or_path)[:80]}'.",
        remedy=f"Name one of {', '.join(known)}, or the path of a folder with a district.yml.",
    )


def mark_of(folder: Path) -> str:
    """Return a digest of all files of a folder, by which it is known that none changed."""
    digest = sha256()
    for path in sorted(folder.rglob("*.y*ml")):
        with suppress(OSError):
            digest.update(f"{path}\0".encode() + path.read_bytes())
    return digest.hexdigest()
