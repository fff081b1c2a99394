"""A corpus of deliveries with known answers: each of many mutations done to tables of real public data, seeded.

A family is one real table: what is declared of it, its rows, and which of its columns play which part.
"""

import csv
import gzip
import hashlib
import io
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.arrival import Bench, Delivery, Landing, Outcome, land, take_in
from aimline.arrival.headings import norm
from aimline.settings import load_deployment
from aimline.storage import open_store
from aimline.warehouse import connect, quote_literal
from schemas.faults import FAULTS
from schemas.faults import Outcome as Fate
from tests.support.small_district import District, source

if TYPE_CHECKING:
    from schemas.sources import Source

AT = datetime(2019, 1, 10, 12, tzinfo=UTC)
MOST_ROWS = 240
Rows = list[list[str]]


@dataclass(frozen=True)
class Family:
    """One real table.

    Attributes:
        name: Its name.
        declared: The source.
        heading: Its headings.
        rows: Its records.
        id_at: Column of an id with a pattern that zeros may begin.
        numbers: Columns of numbers, of different sizes.
        code_at: Column of codes, where it has some.
        text_at: Column of words.
    """

    name: str
    declared: Mapping[str, Any]
    heading: list[str]
    rows: Rows
    id_at: int
    numbers: tuple[int, ...]
    text_at: int
    code_at: int | None = None

    def bytes(self, heading: list[str] | None = None, rows: Rows | None = None) -> bytes:
        """Return the table as a file."""
        held = io.StringIO()
        csv.writer(held, lineterminator="\n").writerows([heading or self.heading, *(rows or self.rows)])
        return held.getvalue().encode()


@dataclass(frozen=True)
class Mutant:
    """A delivery with one fault: its bytes, the code it must be told by, what must be proposed."""

    family: Family
    mutation: str
    data: bytes
    code: str
    proposal: tuple[str, str] | None = None


def _figures(unit: str, number: str, second: str, word: str) -> list[dict[str, Any]]:
    fixed = {
        "figure_set": "f",
        "unit_type": "district",
        "school_year": "2019",
        "group_label": "all",
        "measure_code": "m",
    }
    return [
        *({"name": name, "value": value} for name, value in fixed.items()),
        {"name": "unit_id", "from": [unit], "type": "id", "pattern": "\\d{6}"},
        {"name": "unit_label", "from": [word]},
        {"name": "numerator", "from": [number]},
        {"name": "denominator", "from": [second]},
    ]


def _place(heading: list[str], part: str) -> int:
    """Return where a column stands, whatever the style of its heading."""
    return next(number for number, text in enumerate(heading) if norm(text) == norm(part))


def _family(name: str, table: Rows, parts: tuple[str, str, str, str]) -> Family:
    """Return a family of published figures from a table: parts name its id, two numbers and a word."""
    places = [_place(table[0], part) for part in parts]
    rows = [
        [f"{number:06d}", _whole(row[places[1]]), _whole(row[places[2]]), row[places[3]] or "none"]
        for number, row in enumerate(table[1 : MOST_ROWS + 1], 1)
    ]
    heading = [" ".join(table[0][place].split()) for place in places]
    unit, first, second, word = heading
    columns = _figures(unit, first, second, word)
    declared = source("feed", "reference_figures", columns, match="*.csv", arrival={"max_bad_rows": 0.1})
    return Family(name, declared, heading, rows, 0, (1, 2), 3)


def _csv(path: Path) -> Rows:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(islice(csv.reader(io.StringIO(data.decode(), newline="")), MOST_ROWS + 1))


def _parquet(path: Path, where: str, columns: str) -> Rows:
    with connect(role="memory") as connection:
        table = f"read_parquet({quote_literal(str(path))})"
        found = connection.rows(f"select {columns} from {table} where {where} order by all limit {MOST_ROWS}")
    return [list(found[0]), *(["" if cell is None else str(cell) for cell in row.values()] for row in found)]


def _sheet(path: Path) -> Rows:
    """Return the first sheet of Colorado's workbook, titles and totals aside."""
    from python_calamine import CalamineWorkbook

    rows = [list(map(str, row)) for row in CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()]
    top = next(number for number, row in enumerate(rows) if "District Code" in row)
    at = rows[top].index("District Code")
    return [rows[top], *(row for row in rows[top + 1 :] if row[at].strip())]


def _whole(text: str) -> str:
    """Return the whole number a text begins with, 0 where it is none."""
    return str(int(float(text))) if text.replace(".", "", 1).isdigit() else "0"


def _daily(folder: Path) -> Family:
    """Return one day of a city, of which the columns of state are codes."""
    path = folder / "attendance_nyc_daily" / "nyc_daily_2012_2014.parquet"
    table = _parquet(path, "attn_date = '2013-10-08' and dbn <> 'TOTAL'", "dbn, attn_date, attendance_pct")
    heading = ["School Number", "Day", "State", "Enrolled Students", "Present Today", "Note"]
    rows = [
        [
            f"{number:06d}",
            "2019-01-08",
            "sent" if number % 9 else "corrected",
            str(900 + number),
            str(80 + number % 15),
            row[0],
        ]
        for number, row in enumerate(table[1:], 1)
    ]
    columns = [
        {"name": "school_id", "from": ["School Number"], "type": "id", "pattern": "\\d{6}"},
        {"name": "on_date", "from": ["Day"]},
        {"name": "status", "from": ["State"]},
        {"name": "n_enrolled", "from": ["Enrolled Students"]},
        {"name": "n_present", "from": ["Present Today"]},
        {"name": "group_id", "from": ["Note"]},
    ]
    codes = {"status": {"sent": "reported", "corrected": "reported"}}
    declared = source("feed", "attendance_counts", columns, codes=codes, arrival={"max_bad_rows": 0.1})
    return Family("daily", declared, heading, rows, 0, (3, 4), 5, code_at=2)


def families(folder: Path) -> list[Family]:
    """Return the families of the shared data."""
    colorado = folder / "chronic_absence_co_xlsx"
    york = folder / "chronic_absence_nys" / "district_subgroup_2018_2022.parquet"
    words = ("Number of Students with Chronic Absenteeism", "Student Fall K-12 Enrollment", "District Name")
    schools = folder / "school_directory"
    return [
        _daily(folder),
        _family("co17", _sheet(colorado / "2016-2017_ChronicAbsenteeism.xlsx"), ("District Code", *words)),
        _family("co18", _sheet(colorado / "2017-2018_ChronicAbsenteeism.xlsx"), ("District Code", *words)),
        _family("va", _csv(folder / "chronic_absence_va" / "albemarle_school_subgroup.csv"), _VIRGINIA),
        _family(
            "nys",
            _parquet(york, "year = (select max(year) from read_parquet(" + quote_literal(str(york)) + "))", "*"),
            _YORK,
        ),
        _family("ma", _csv(schools / "massachusetts_schools_2017.csv.gz"), _BAY),
        _family("tx", _csv(schools / "tx_campuses_ccd.csv.gz"), ("SCHNO", "MZIP", "CONUM", "LEANM")),
        _family("nyc11", _csv(folder / "survey_nyc" / "2011_school_survey_and_demographics.csv"), _CITY),
    ]


_VIRGINIA = ("division", "n_students", "percent", "school")
_YORK = ("entity_cd", "combined_absent_count", "combined_enrollment", "entity_name")
_BAY = ("School Code", "TOTAL_Enrollment", "Zip", "School Name")
_CITY = ("dbn", "total_enrollment", "total.cohort", "school_name")


def _cells(rows: Rows, at: int, change: Callable[[str], str], every: int = 0) -> Rows:
    """Return rows with a changed cell in every so many of them, or in the last alone."""
    return [
        [
            change(cell) if place == at and (number % every == 0 if every else number == len(rows) - 1) else cell
            for place, cell in enumerate(row)
        ]
        for number, row in enumerate(rows)
    ]


_RENAMES: tuple[Callable[[str], str], ...] = (
    lambda heading: f"{heading} Reported",
    lambda heading: f"Official {heading}",
    lambda heading: f"{heading} (final)",
    lambda heading: f"{heading}s of the day",
)


def mutants(family: Family, seed: int) -> Iterator[Mutant]:
    """Yield each mutation of a family's next delivery."""
    draw = random.Random(f"{family.name}:{seed}")  # noqa: S311 - a corpus
    fresh = replace(family, rows=[_moved(row, family.numbers, draw) for row in family.rows])
    for mutation, make in _MUTATIONS.items():
        made = make(fresh, draw)
        if made is not None:
            yield Mutant(fresh, mutation, *made)


def _moved(row: list[str], numbers: tuple[int, ...], draw: random.Random) -> list[str]:
    return [str(max(0, int(cell) + draw.randint(0, 2))) if at in numbers else cell for at, cell in enumerate(row)]


Made = tuple[bytes, str] | tuple[bytes, str, tuple[str, str] | None] | None
Mutation = Callable[[Family, random.Random], Made]


def _renamed(family: Family, draw: random.Random) -> Made:
    at, heading = draw.choice([*family.numbers, family.text_at]), list(family.heading)
    old = heading[at]
    heading[at] = draw.choice(_RENAMES)(old)
    return family.bytes(heading), "column_renamed", (old, heading[at])


def _removed(family: Family, draw: random.Random) -> Made:
    at = draw.choice(family.numbers)
    cut = [[cell for place, cell in enumerate(row) if place != at] for row in (family.heading, *family.rows)]
    return family.bytes(cut[0], cut[1:]), "column_removed"


def _added(family: Family, draw: random.Random) -> Made:
    name = draw.choice(["Bus Route", "Weather", "Lunch Menu"])
    return family.bytes([*family.heading, name], [[*row, "x"] for row in family.rows]), "column_added"


def _reordered(family: Family, draw: random.Random) -> Made:
    order = list(range(len(family.heading)))
    while order == sorted(order):
        draw.shuffle(order)
    rows = [[row[at] for at in order] for row in family.rows]
    return family.bytes([family.heading[at] for at in order], rows), "columns_reordered"


def _restyled(family: Family, draw: random.Random) -> Made:
    at, heading = draw.choice(family.numbers), list(family.heading)
    heading[at] = draw.choice([f"{heading[at].upper()} *", f"1. {heading[at]}", f" {heading[at].lower()}  "])
    if heading[at].strip() == family.heading[at]:
        heading[at] = f"{heading[at]}*"
    return family.bytes(heading), "header_restyled"


def _doubled(family: Family, draw: random.Random) -> Made:
    at = draw.choice(family.numbers)
    return family.bytes(
        [*family.heading, family.heading[at]], [[*row, row[at]] for row in family.rows]
    ), "column_duplicated"


def _swapped(family: Family, _draw: random.Random) -> Made:
    one, other = family.numbers
    rows = [list(row) for row in family.rows]
    for row in rows:
        row[one], row[other] = row[other], row[one]
    small, large = sorted((sorted(int(row[at]) for row in family.rows) for at in family.numbers), key=sum)
    quarter = len(rows) // 4
    are_apart = small[-quarter] < large[quarter]  # where they overlap nobody can tell
    return (family.bytes(rows=rows), "columns_swapped") if are_apart else None


def _with_codes(every: int, code: str) -> Mutation:
    def made(family: Family, _draw: random.Random) -> Made:
        if family.code_at is None:
            return None
        return family.bytes(rows=_cells(family.rows, family.code_at, lambda text: f"{text} v2", every)), code

    return made


def _in(part: str, change: Callable[[str], str], code: str, every: int = 0) -> Mutation:
    """Return a mutation of the cells of one part."""

    def made(family: Family, draw: random.Random) -> Made:
        at = draw.choice(family.numbers) if part == "number" else family.id_at if part == "id" else family.text_at
        return family.bytes(rows=_cells(family.rows, at, change, every)), code

    return made


def _rows(change: Callable[[Rows, Family], Rows], code: str) -> Mutation:
    def made(family: Family, _draw: random.Random) -> Made:
        return family.bytes(rows=change([list(row) for row in family.rows], family)), code

    return made


def _conflicting(rows: Rows, family: Family) -> Rows:
    other = list(rows[-1])
    other[family.numbers[0]] = str(int(other[family.numbers[0]]) + 1)
    return [*rows, other]


def _text(change: Callable[[bytes], bytes], code: str) -> Mutation:
    return lambda family, _draw: (change(family.bytes()), code)


_MUTATIONS: dict[str, Mutation] = {
    "rename": _renamed,
    "remove": _removed,
    "add": _added,
    "reorder": _reordered,
    "restyle": _restyled,
    "double": _doubled,
    "swap": _swapped,
    "empty": _in("number", lambda _: "", "column_emptied", every=1),
    "words": _in("number", lambda text: f"about {text}", "type_changed", every=4),
    "codes": _with_codes(1, "code_list_changed"),
    "code": _with_codes(0, "code_unknown"),
    "zeros": _in("id", lambda text: text.lstrip("0"), "id_lost_zeros"),
    "float": _in("id", lambda text: f"{text}.0", "id_float_damage"),
    "long": _in("id", lambda text: f"{text}77", "id_too_long"),
    "link": _in("id", lambda _: "${e://Field/Id}", "placeholder_id"),
    "mask": _in("number", lambda _: "***", "mask_unknown"),
    "bound": _in("number", lambda _: "n<10", "bounded_text"),
    "comma": _in("number", lambda text: f"{text},5", "decimal_comma", every=1),
    "ragged": _rows(lambda rows, _: [*rows[:-1], rows[-1][:-2]], "ragged_row"),
    "title": _text(lambda data: b"Report of the day\n\n" + data, "title_row"),
    "blank": _text(lambda data: data + b"\n", "blank_row"),
    "twice": _rows(lambda rows, _: [*rows, rows[-1]], "exact_duplicate"),
    "conflict": _rows(_conflicting, "key_conflict"),
    "quote": _text(lambda data: data + b'"000001,', "quote_broken"),
    "bom": _text(lambda data: b"\xef\xbb\xbf" + data, "bom"),
    "cp1252": _in("text", lambda text: f"{text} \u00e9", "encoding_cp1252", every=1),
    "mojibake": _in("text", lambda text: f"{text} \u00c3\u00a9", "mojibake", every=1),
    "page": _text(lambda _: b"<html><title>Sign in</title></html>", "type_by_content"),
    "control": _text(lambda data: data[:-1] + b"\x1a\n", "control_chars"),
    "nothing": _text(lambda _: b"", "empty_file"),
}


class Bed:
    """A bench on which deliveries of one family are compared with one good delivery before them."""

    def __init__(self, root: Path, family: Family) -> None:
        """Accept the family as it is."""
        district = District(root, family.declared)
        self.bench = Bench(load_deployment(str(district.folder)), open_store(root / "state"), {})
        self.source: Source = self.bench.deployment.sources.source("feed")
        self.good = self.take("good.csv", family.bytes())
        assert set(self.good.findings) <= {"calendar_presumed"}, (family.name, self.good.findings, self.good.detail)
        self.told = self.good.payload(self._delivery("good.csv", family.bytes()))

    def _delivery(self, name: str, data: bytes) -> Delivery:
        temp = self.bench.work / "given"
        temp.write_bytes(data)
        kept = land(self.bench.store, temp, Landing("feed", name, {}, AT, AT.date(), "run"))
        return Delivery(self.source, name, hashlib.sha256(data).hexdigest(), kept.path, AT, {}, AT)

    def take(self, name: str, data: bytes, *earlier: Mapping[str, Any]) -> Outcome:
        """Take one delivery in."""
        (outcome,) = take_in(self.bench, self._delivery(name, data), earlier=earlier)
        return outcome

    def judge(self, mutant: Mutant) -> str:
        """Return what became of a mutant: right, other (caught by another code), proposal (a wrong one), or silent."""
        data = mutant.data
        if mutant.mutation == "cp1252":
            data = data.decode().encode("cp1252", "replace")
        outcome = self.take(f"{mutant.mutation}.csv", data, self.told)
        found = {*outcome.findings, *outcome.ignored} - {"header_row", *self.good.findings}
        if not found:
            return "silent"
        is_held = FAULTS[mutant.code].outcome in {Fate.HELD, Fate.REFUSED}
        if mutant.code not in found or (is_held and outcome.reason != mutant.code):
            return "other"
        if outcome.n_received not in {None, outcome.n_accepted + outcome.n_quarantined + outcome.n_ignored}:
            return "silent"
        if mutant.proposal and not any((each["gone"], each["new"]) == mutant.proposal for each in outcome.proposals):
            return "proposal"
        return "right"
