"""Open what arrived no further than is safe: size, kind by content, archives. What the records say is read elsewhere.

Limits are those of the declared policy for arriving files; a file beyond one is refused before any record is read.
"""

import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING, Any

from aimline.arrival.apart import apart
from aimline.arrival.delivery import Member, StoppedError
from aimline.arrival.workbook import allowed_sheets, sheet_names

if TYPE_CHECKING:
    from schemas.source_tables import Format

MOST_BYTES = 200 * 2**20
MOST_UNPACKED = 2 * 2**30
MOST_RATIO = 100
MOST_MEMBERS = 1000
_CHUNK = 1 << 20
_SMALL = 1 << 20  # a tiny file may unpack to many times its size without harm

_ARCHIVE_STARTS = {"gz": b"\x1f\x8b", "zip": b"PK", "tar.xz": b"\xfd7zXZ\x00"}
_FOREIGN_STARTS = (b"PK\x03\x04", b"%PDF", b"\x1f\x8b", b"\xfd7zXZ\x00", b"\xd0\xcf\x11\xe0", b"Rar!", b"PAR1")
_NESTED = (".zip", ".gz", ".xz", ".tar", ".tgz", ".bz2", ".7z", ".rar")
_ENDINGS = {
    "csv": (".csv", ".txt", ".tsv"),
    "xlsx": (".xlsx",),
    "json": (".json",),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "xml": (".xml",),
    "parquet": (".parquet",),
}


def members(path: Path, form: "Format", name: str, to: Path) -> list[Member]:
    """Return the tables of a delivery, unpacked below ``to`` when it is an archive.

    Args:
        path: Where its bytes are.
        form: How the source says it is written.
        name: Its name at the source, by whose ending an archive is known where none is declared.
        to: A folder for what is unpacked.

    Raises:
        StoppedError: The delivery breaks a limit, is damaged, or is no such archive.
    """
    check_size(path)
    archive = _archive_of(name) if form.archive == "auto" else form.archive
    if archive == "none" and form.type != "xlsx":
        return [Member("", path)]  # nothing is packed
    return apart(lambda: _opened(path, form, archive, to))


def _opened(path: Path, form: "Format", archive: str, to: Path) -> list[Member]:
    """Return the tables of an archive or a workbook."""
    found = [Member("", path)]
    if archive != "none":
        with path.open("rb") as file:
            if not file.read(6).startswith(_ARCHIVE_STARTS[archive]):
                raise StoppedError("type_by_content", f"it is no {archive} archive")
        found = _UNPACK[archive](path, form.type, to)
    if form.type == "xlsx":
        return [sheet for member in found for sheet in _sheets(member, form)]
    return found


def every_member(path: Path, kind: str, to: Path) -> list[Member]:
    """Return all files of one type of a delivery that is a zip archive, unpacked below ``to``.

    Raises:
        StoppedError: The delivery breaks a limit, is damaged, or is no such archive.
    """
    check_size(path)
    with path.open("rb") as file:
        if not file.read(2).startswith(_ARCHIVE_STARTS["zip"]):
            raise StoppedError("type_by_content", "it is no zip archive")
    return apart(lambda: _unzipped(path, kind, to))


def check_size(path: Path) -> None:
    """Refuse a file of no bytes, or of too many.

    Raises:
        StoppedError: It is one.
    """
    if path.stat().st_size == 0:
        raise StoppedError("empty_file", n_records=0)
    if path.stat().st_size > MOST_BYTES:
        raise StoppedError("too_large", f"it has {path.stat().st_size:,} bytes, the limit is {MOST_BYTES:,}")


def _archive_of(name: str) -> str:
    """Return the kind of archive a name tells of."""
    lower = name.lower()
    return next((kind for kind in ("gz", "zip", "tar.xz") if lower.endswith(f".{kind}")), "none")


def _sheets(member: Member, form: "Format") -> list[Member]:
    """Return the sheets of a workbook that may be read.

    Raises:
        StoppedError: It is no plain workbook, or none of its sheets is declared.
    """
    with member.path.open("rb") as file:
        if not file.read(4).startswith(b"PK"):
            raise StoppedError("type_by_content", "it is no workbook of the declared kind")
    _check_workbook(member.path)
    names = allowed_sheets(sheet_names(member.path), form)
    if not names:
        raise StoppedError("zip_unexpected_members", "no sheet of the workbook is declared")
    return [replace(member, sheet=name) for name in names]


_REFUSED_PARTS = (
    ("xl/vbaproject", "macro_workbook"),
    ("xl/macrosheets/", "macro_workbook"),
    ("xl/externallinks/", "external_link"),
)


def _check_workbook(path: Path) -> None:
    """Look at the parts of a workbook before any of it is read: their number, names and size."""
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
            names = [info.filename.lower() for info in infos]
            if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
                raise StoppedError("type_by_content", "it is an archive, no workbook")
            for start, code in _REFUSED_PARTS:
                if any(name.startswith(start) for name in names):
                    raise StoppedError(code)
            _check_entries(infos)
            budget = _Budget(path.stat().st_size)
            for info in infos:
                with archive.open(info) as part:
                    while chunk := part.read(_CHUNK):
                        budget.take(len(chunk))
    except (zipfile.BadZipFile, EOFError, zlib.error):
        raise StoppedError("zip_truncated") from None


def _check_entries(infos: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse an archive whose entries are too many, encrypted, or share their bytes."""
    if len(infos) > MOST_MEMBERS:
        raise StoppedError("zip_bomb", f"it has more than {MOST_MEMBERS} members")
    if any(info.flag_bits & 1 for info in infos):
        raise StoppedError("zip_encrypted")
    end = 0
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise StoppedError("zip_overlapping")
        end = info.header_offset + info.compress_size


def check_kind(data: bytes, kind: str) -> None:
    """Judge by content whether bytes are of the declared type.

    Raises:
        StoppedError: They are of another one, such as a log-in page named .csv.
    """
    start = data[:256].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if kind == "parquet":
        if not data.startswith(b"PAR1"):
            raise StoppedError("type_by_content", "it is no Parquet file")
        return
    if data.startswith(_FOREIGN_STARTS):
        raise StoppedError("type_by_content", f"it is a packed or binary file, declared as {kind}")
    if start.startswith((b"<!doctype html", b"<html")):
        raise StoppedError("type_by_content", f"it is a web page, declared as {kind}")
    first = {"xml": (b"<",), "json": (b"[", b"{")}.get(kind)
    if first and start and not start.startswith(first):
        raise StoppedError("type_by_content", f"it does not begin as {kind} does")


def _copy(source: IO[bytes], to: Path, budget: "_Budget") -> None:
    """Write a member to disk, counting what it unpacks to."""
    with to.open("wb") as file:
        while chunk := source.read(_CHUNK):
            budget.take(len(chunk))
            file.write(chunk)


class _Budget:
    """What an archive may still unpack to."""

    def __init__(self, packed: int) -> None:
        self._left = min(MOST_UNPACKED, max(packed * MOST_RATIO, _SMALL))

    def take(self, size: int) -> None:
        self._left -= size
        if self._left < 0:
            raise StoppedError("zip_bomb")


def _gunzip(path: Path, _kind: str, to: Path) -> list[Member]:
    target = to / "0000"
    try:
        with gzip.open(path) as source:
            _copy(source, target, _Budget(path.stat().st_size))  # type: ignore[arg-type] # a GzipFile reads bytes
    except EOFError:
        raise StoppedError("gzip_truncated") from None
    except (gzip.BadGzipFile, zlib.error):
        raise StoppedError("records_unreadable", "the compressed bytes are damaged") from None
    return [Member("", target)]


def _safe_name(name: str, kind: str) -> str | None:
    """Return the name of a member that is to be read, None for one of another type.

    Raises:
        StoppedError: The name leaves the archive, or names another archive.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts or ":" in name:
        raise StoppedError("zip_slip")
    if path.name.lower().endswith(_NESTED):
        raise StoppedError("zip_nested")
    is_hidden = path.name.startswith((".", "~")) or "__MACOSX" in path.parts
    return path.as_posix() if path.name.lower().endswith(_ENDINGS[kind]) and not is_hidden else None


def _unzip(path: Path, kind: str, to: Path) -> list[Member]:
    found = _unzipped(path, kind, to)
    return _the_only(found) if kind in {"csv", "xlsx"} else found


def _unzipped(path: Path, kind: str, to: Path) -> list[Member]:
    try:
        with zipfile.ZipFile(path) as archive:
            _check_entries(archive.infolist())
            return _written(_zip_members(archive, kind), to, path)
    except (zipfile.BadZipFile, EOFError):
        raise StoppedError("zip_truncated") from None
    except (zlib.error, RuntimeError, lzma.LZMAError):  # zipfile says so of methods it does not know
        raise StoppedError("records_unreadable", "the archive is damaged") from None


_LINK = 0o120000
_KIND_OF_FILE = 0o170000


def _zip_members(archive: zipfile.ZipFile, kind: str) -> Iterator[tuple[str, Callable[[], IO[bytes]]]]:
    for info in archive.infolist():
        if (info.external_attr >> 16) & _KIND_OF_FILE == _LINK:
            raise StoppedError("zip_slip")
        if not info.is_dir() and (name := _safe_name(info.filename, kind)):
            yield name, lambda info=info: archive.open(info)  # type: ignore[misc] # mypy knows no default here


def _untar(path: Path, kind: str, to: Path) -> list[Member]:
    try:
        with tarfile.open(path, "r:xz") as archive:
            return _written(_tar_members(archive, kind), to, path)
    except (tarfile.ReadError, EOFError, lzma.LZMAError):
        raise StoppedError("zip_truncated") from None


def _tar_members(archive: tarfile.TarFile, kind: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    for info in archive:
        if not (info.isfile() or info.isdir()):
            raise StoppedError("zip_slip")
        if info.isfile() and (name := _safe_name(info.name, kind)):
            yield name, lambda info=info: archive.extractfile(info)  # type: ignore[misc] # as above


def _written(found: Iterator[tuple[str, Callable[[], IO[bytes]]]], to: Path, path: Path) -> list[Member]:
    """Unpack members into numbered files: no name of an archive ever becomes a name on disk."""
    budget, written = _Budget(path.stat().st_size), []
    for number, (name, opened) in enumerate(found):
        if number >= MOST_MEMBERS:
            raise StoppedError("zip_bomb", f"it has more than {MOST_MEMBERS} members")
        target = to / f"{number:04d}"
        with opened() as source:
            _copy(source, target, budget)
        written.append(Member(name, target))
    if not written:
        raise StoppedError("zip_unexpected_members")
    return sorted(written, key=lambda member: member.name)


def _the_only(found: list[Member]) -> list[Member]:
    """Return the one table of a zip; nobody can tell which of several is meant."""
    if len(found) > 1:
        raise StoppedError("zip_unexpected_members", f"it holds {len(found)} files of the declared type")
    return found


_UNPACK = {"gz": _gunzip, "zip": _unzip, "tar.xz": _untar}
