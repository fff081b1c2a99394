"""Read the files of Microsoft's School Data Sync, v1 and v2.1, as those of OneRoster: other names, the same meaning."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from aimline.sources.oneroster_files import Opened, Record, plain
from aimline.sources.tables import Grid, Stop

_V1: Mapping[str, tuple[str, Mapping[str, str], Mapping[str, str]]] = {
    "school": ("orgs", {"sis id": "sourcedid", "name": "name", "school number": "identifier"}, {"type": "school"}),
    "student": (
        "users",
        {"sis id": "sourcedid", "school sis id": "orgsourcedids", "grade": "grades", "status": "status"}
        | {"student number": "identifier"},
        {"role": "student"},
    ),
    "teacher": (
        "teachers",
        {"sis id": "sourcedid", "school sis id": "orgsourcedids", "status": "status", "teacher number": "identifier"},
        {"role": "teacher"},
    ),
    "section": ("classes", {"sis id": "sourcedid", "school sis id": "schoolsourcedid"}, {}),
    "studentenrollment": ("enrollments", {"section sis id": "classsourcedid", "sis id": "usersourcedid"}, {}),
}
"""Plain name of a file -> its OneRoster name, its headings with theirs, and what all its records are."""

_TERM = {"term name": "title", "term startdate": "startdate", "term enddate": "enddate"}
_YEAR_DIGITS = 2


def as_oneroster(grids: Iterable[Grid], dialect: str) -> Opened:
    """Return a delivery of School Data Sync as one of OneRoster; every file of it is a whole table.

    Args:
        grids: Its files.
        dialect: ``sds_v1`` or ``sds_v2_1``.
    """
    found: dict[str, Grid] = {}
    sessions: list[Record] = []
    for grid in grids:
        name = plain(grid.name)
        if dialect == "sds_v1" and name == "section":
            sessions = _sessions(grid)
        own, made = _read(name, grid) if dialect == "sds_v1" else (name, grid)
        if own in found:
            return Opened({}, {}, Stop("zip_unexpected_members", "a file of it is there twice"))
        found[own] = made
    missing = sorted({"orgs", "users"} - set(found))
    stop = Stop("zip_unexpected_members", f"not there: {', '.join(missing)}") if missing else None
    return Opened(found, {}, stop, tuple(sessions))


def _read(name: str, grid: Grid) -> tuple[str, Grid]:
    """Return a file of v1 under its OneRoster name, with the headings that are taken."""
    if name not in _V1 or not grid.rows:
        return name, grid
    own, heads, fixed = _V1[name]
    known = [(place, heads[head.strip().lower()]) for place, head in enumerate(grid.rows[0]) if _is_in(head, heads)]
    rows: list[Sequence[str]] = [[*(head for _, head in known), *fixed]]
    for row in grid.rows[1:]:
        cells = [row[place] if place < len(row) else "" for place, _ in known]
        rows.append([*cells, *fixed.values()] if any(row) else [])
    return own, Grid(grid.name, rows, grid.notes)


def _is_in(head: str, heads: Mapping[str, str]) -> bool:
    return head.strip().lower() in heads


def _sessions(grid: Grid) -> list[Record]:
    """Return the terms that sections name, each once."""
    heads = [head.strip().lower() for head in grid.rows[0]] if grid.rows else []
    terms = {tuple(zip(heads, row, strict=False)) for row in grid.rows[1:]}
    found = {tuple((to, dict(term).get(name, "")) for name, to in _TERM.items()) for term in terms}
    return [_session(dict(each)) for each in sorted(found)]


def _session(term: dict[str, str]) -> Record:
    """Return a term as a session: days as ISO text, a name such as SY1516 as the years it names."""
    digits = term["title"].upper().removeprefix("SY")
    spans = digits.isdigit() and len(digits) == 2 * _YEAR_DIGITS and digits != term["title"]
    said = f"20{digits[_YEAR_DIGITS:]}" if spans else ""
    days = {name: _iso(term[name]) for name in ("startdate", "enddate")}
    return {"type": "schoolYear", "schoolyear": said, "spans": "yes" if spans else "", **days}


def _iso(text: str) -> str:
    try:
        return datetime.strptime(text.strip(), "%m/%d/%Y").date().isoformat()  # noqa: DTZ007 - a bare date
    except ValueError:
        return text.strip()
