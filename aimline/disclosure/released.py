"""Hold finished pages to the release they are made from: whose figures they may tell, what each says, which are gaps.

A release keeps, for each reader, a row for every figure, hidden or not. So a page can be asked what no page tells by
itself: whether it tells a figure its reader was not given, another number than the release has, anything of a gap that
nowhere says to be one, or leaves the row of a gap out beside its siblings'.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from pathlib import Path
from typing import Any

from aimline.disclosure.figures import tells_as
from aimline.disclosure.presence import is_sorted_in
from aimline.disclosure.readings import ROW, SAID, Place, Reading, numbers_in, place_of
from aimline.warehouse import open_release
from schemas.published import FIGURE_KEY, TABLES

ANYONE = "*"
"""The reader of rows that every reader of an audience is given."""

_PLACED = ("unit_id", "group_set_id", "group_id")
_ALIKE = (*(name for name in FIGURE_KEY if name not in {"estimator", *_PLACED}), "indicator_id", "value_unit")
"""What figures of one line share. A page chooses figures by their indicator, and a count is not beside a share."""

_BESIDE = (
    ("group_id", "group_label", itemgetter("unit_id", *_ALIKE)),
    ("unit_id", "unit_label", itemgetter("group_set_id", "group_id", *_ALIKE)),
)
"""What tells the figures of a line apart, what that is called on pages, and what of a row names the line."""

_LABELS = ("group_label", "unit_label")
_ASKED = ("audience_id", "reader_unit_id", "figure_id", "value_text", "n_text", "is_suppressed", *_LABELS)
_CHOSEN = frozenset({"rpt_alerts", "rpt_chart_points"})
"""Tables in which a hidden figure has no row, so that a list made of them leaves nobody out."""

_TWO = 2
_NO_NAME = re.compile(r"[^a-z0-9]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Figure:
    """What a release tells one reader of a figure."""

    texts: frozenset[str]
    counts: frozenset[str]
    is_gap: bool


_NOTHING = Figure(frozenset(), frozenset(), is_gap=False)


@dataclass
class Edition:
    """What a release gives one reader.

    Attributes:
        figures: By name.
        families: Figures that stand beside each other, of the groups of a set or of one group in several units, in the
            order of what these are called: it is how pages put them, and says nothing of the figures.
        rows: Where each figure stands: (line, column), as tables tell groups across a line, and units.
        lines: What stands in each line: (figure, column).
        chosen: Figures that stand in lists of what is shown alone.
        groups: (name, label) of the groups of each set.
    """

    figures: dict[str, Figure] = field(default_factory=dict)
    families: list[tuple[str, ...]] = field(default_factory=list)
    rows: dict[str, list[tuple["Line", str]]] = field(default_factory=lambda: defaultdict(list))
    lines: dict["Line", list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    chosen: set[str] = field(default_factory=set)
    groups: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))


Row = Mapping[str, Any]
Line = tuple[Any, ...]
"""All that names a figure but its group, or but its unit."""

Released = Mapping[str, Edition]
"""What each edition of a site may tell, by its folder."""


def read_released(snapshot: Path, readers: Mapping[str, tuple[str, str]]) -> Released:
    """Read what a release gives the readers of each edition.

    Args:
        snapshot: The published tables of the release.
        readers: (audience, unit) by folder of the edition.

    Raises:
        TransformError: The snapshot cannot be read.
    """
    columns = ", ".join((*_ASKED, *_ALIKE, *_PLACED))
    editions = {folder: Edition() for folder in readers}
    with open_release(snapshot) as connection:
        query = "select table_name from information_schema.tables where table_catalog = current_database()"
        there = {row["table_name"] for row in connection.rows(query)}
        for name in sorted(each.name for each in TABLES.values() if each.has_figures and each.name in there):
            held: dict[tuple[str, str], list[Row]] = defaultdict(list)
            for row in connection.rows(f"select {columns} from {name} order by all"):
                held[row["audience_id"], row["reader_unit_id"]].append(row)
            for folder, (audience, unit) in readers.items():
                _take(editions[folder], name, [*held[audience, unit], *held[audience, ANYONE]])
    return editions


def _take(edition: Edition, table: str, rows: Iterable[Row]) -> None:
    """Take what one table gives a reader."""
    beside: dict[Line, dict[str, str]] = defaultdict(dict)
    doubled: set[Line] = set()
    called: dict[tuple[str, str], str] = {}
    for row in rows:
        _take_figure(edition, row)
        if table in _CHOSEN:
            edition.chosen.add(row["figure_id"])
            continue
        for free, label, shared in _BESIDE:
            line = (table, free, *shared(row))
            edition.rows[row["figure_id"]].append((line, str(row[free])))
            edition.lines[line].append((row["figure_id"], str(row[free])))
            called[free, row["figure_id"]] = row[label] or ""
            family = (*line, row["group_set_id"])
            if beside[family].setdefault(row[free], row["figure_id"]) != row["figure_id"]:
                doubled.add(family)
    edition.families += [
        tuple(figure for _, figure in sorted((called[family[1], each], each) for each in members.values()))
        for family, members in beside.items()
        if family not in doubled and len(members) > _TWO
    ]


def _take_figure(edition: Edition, row: Row) -> None:
    """Take what a row says of its figure, beside what other tables say."""
    edition.groups[row["group_set_id"]].add((row["group_id"], row["group_label"] or ""))
    own = edition.figures.get(row["figure_id"], _NOTHING)
    texts, counts = own.texts | _told(row["value_text"]), own.counts | _told(row["n_text"])
    edition.figures[row["figure_id"]] = Figure(texts, counts, own.is_gap or bool(row["is_suppressed"]))


@lru_cache(maxsize=4096)
def _told(text: str | None) -> frozenset[str]:
    return frozenset({text} if text else ())


def group_names(released: Released) -> list[list[str]]:
    """Return what the groups of each set are called in names of files: by their ids, and by their labels."""
    sets: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for edition in released.values():
        for name, groups in edition.groups.items():
            sets[name] |= groups
    named = [sorted(group) for group in sets.values() if len(group) > 1]
    return [[kind(*each) for each in group] for group in named for kind in (_by_id, _by_label)]


def _by_id(name: str, _label: str) -> str:
    return name.casefold()


def _by_label(_name: str, label: str) -> str:
    return _NO_NAME.sub("-", label.casefold()).strip("-")


def gaps_in(released: Released, readings: Iterable[Reading]) -> set[tuple[str, str]]:
    """Return which figures that were read are gaps by the word of the release: (cell, indicator)."""
    return {
        (each.mark.cell, each.mark.indicator)
        for each in readings
        if (own := _figure(released, each)) is not None and own.is_gap
    }


def _figure(released: Released, reading: Reading) -> Figure | None:
    edition = released.get("/".join(reading.path.split("/")[:_TWO]))
    return edition.figures.get(reading.mark.cell) if edition else None


def not_given(released: Released, readings: Iterable[Reading]) -> Iterator[Place]:
    """Yield figures in an edition whose reader the release gives no such figure."""
    seen = set()
    for each in readings:
        place = (each.path, each.line, each.mark.cell)
        if each.mark.cell not in SAID and place not in seen and _figure(released, each) is None:
            seen.add(place)
            yield place_of(each.path, each.line, "a figure that this reader is not given", each.mark)


def otherwise(released: Released, shown: Iterable[Reading]) -> Iterator[Place]:
    """Yield values and counts that are not those of the release."""
    for each in shown:
        own = _figure(released, each)
        if own is None or each.mark.field not in {"value", "n"} or not numbers_in(each.text):
            continue
        texts = own.texts if each.mark.field == "value" else own.counts
        if not any(tells_as(each.text, text) or _digits(each.text) == _digits(text) for text in texts):
            yield place_of(each.path, each.line, f"{each.text} is not what the release says", each.mark)


def _digits(text: str) -> list[str]:
    """Return the runs of digits of a text: languages write points and commas otherwise, and other words around them."""
    return _DIGITS.findall(text)


def rows_amiss(released: Released, readings: Iterable[Reading]) -> Iterator[Place]:
    """Yield, table by table, gaps whose row is left out beside their siblings', and gaps sorted in by their value."""
    tables: dict[tuple[str, int], dict[str, str]] = defaultdict(dict)
    lines: dict[tuple[str, int], int] = {}
    for each in readings:
        if each.mark.field in {"value", ROW} and each.mark.cell not in SAID:
            table = (each.path, each.block)
            lines.setdefault(table, each.line)
            if not tables[table].get(each.mark.cell):
                tables[table][each.mark.cell] = each.text
    by_member: dict[str, dict[str, list[int]]] = {}
    for table, held in tables.items():
        folder = "/".join(table[0].split("/")[:_TWO])
        edition = released.get(folder)
        if edition is None or held.keys() <= edition.chosen:
            continue
        if folder not in by_member:
            by_member[folder] = _places(edition.families)
        near = sorted({place for cell in held for place in by_member[folder].get(cell, ())})
        yield from _amiss((table[0], lines[table]), held, edition, [edition.families[place] for place in near])


def _left_out(held: Mapping[str, str], edition: Edition) -> set[str]:
    """Return gaps that stand nowhere in a table, where other rows have their line and their column.

    A table that does not hold all shown figures of its lines and columns chooses by another rule, and is not judged.
    """
    columns: dict[Line, set[str]] = defaultdict(set)
    for cell in held:
        for line, column in edition.rows.get(cell, ()):
            columns[line].add(column)
    kinds: dict[Line, set[str]] = defaultdict(set)
    for line, found in columns.items():
        kinds[line[:2]] |= found
    left: dict[Line, set[str]] = defaultdict(set)
    for line in columns:
        left[line[:2]] |= {
            cell for cell, column in edition.lines[line] if column in kinds[line[:2]] and cell not in held
        }
    is_gap = {cell: edition.figures[cell].is_gap for cells in left.values() for cell in cells}
    return {cell for cells in left.values() if all(map(is_gap.__getitem__, cells)) for cell in cells}


def _places(families: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for place, members in enumerate(families):
        for member in members:
            found[member].append(place)
    return found


def _amiss(
    place: tuple[str, int], held: Mapping[str, str], edition: Edition, families: Iterable[Collection[str]]
) -> Iterator[Place]:
    left = _left_out(held, edition)
    is_sorted = False
    for members in families:
        hidden = {each for each in members if edition.figures[each].is_gap}
        shown = [each for each in members if each not in hidden]
        if len(shown) >= _TWO and all(each in held for each in shown):
            left |= {each for each in hidden if each not in held}
        is_sorted |= is_sorted_in(list(members), held, hidden)
    for cell in sorted(left):
        yield place_of(*place, "the row of a gap is left out beside the rows that are shown") | {"cell": cell}
    if is_sorted:
        yield place_of(*place, "rows are sorted by their figures, and gaps stand among them")
