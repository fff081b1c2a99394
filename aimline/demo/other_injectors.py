"""Make the faults a plain table of counts cannot have: of people, answers, figures, workbooks, XML, and of two files.

Each is made from a good file of its kind, by its code; ``roles`` name the headings it touches. Faults of a plain table
are ``injectors``; finding them is ``aimline/arrival``.
"""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape

from aimline.demo.injectors import Faulty

Kind = Literal["marks", "answers", "figures", "archive", "counts", "workbook", "xml"]
Record = dict[str, str]
Records = list[Record]
Roles = Mapping[str, str]


@dataclass(frozen=True)
class Good:
    """A good file of a kind, the good file before it, and role -> heading."""

    data: bytes
    before: bytes
    roles: Roles


def kinds() -> dict[str, Kind]:
    """Return code -> the kind of file for which there is an injector."""
    return {code: kind for kind, made in _MADE.items() for code in made}


def spoil(code: str, good: Good) -> Faulty:
    """Return a good file with one fault.

    Raises:
        KeyError: There is no injector of that code.
    """
    return _MADE[kinds()[code]][code](good)


Maker = Callable[[Good], Faulty]


def _read(data: bytes) -> Records:
    return list(csv.DictReader(io.StringIO(data.decode())))


def _write(records: Records) -> Faulty:
    held = io.StringIO()
    writer = csv.DictWriter(held, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return Faulty(held.getvalue().encode())


def _set(role: str, change: Callable[[str], str], share: float = 0.0) -> Maker:
    """Return a maker that changes a cell of the last record, or of the first share of them."""

    def made(good: Good) -> Faulty:
        records, name = _read(good.data), good.roles[role]
        for record in records[: round(share * len(records))] if share else records[-1:]:
            record[name] = change(record[name])
        return _write(records)

    return made


def _with_column(name: str, value: str) -> Maker:
    def made(good: Good) -> Faulty:
        return _write([record | {name: value} for record in _read(good.data)])

    return made


def _fewer(share: float) -> Maker:
    def made(good: Good) -> Faulty:
        records = _read(good.data)
        return _write(records[: round(share * len(records))])

    return made


def _repeated(good: Good) -> Faulty:
    """Let one respondent answer ten more times."""
    records = _read(good.data)
    more = [records[-1] | {good.roles["response"]: f"again{number}"} for number in range(10)]
    return _write([*records, *more])


def _zeros(good: Good) -> Faulty:
    """Let a tenth of the figures be 0 of nobody."""
    records, roles = _read(good.data), good.roles
    for record in records[: max(1, len(records) // 10)]:
        record |= {roles["numerator"]: "0", roles["value"]: "0", roles["denominator"]: ""}
    return _write(records)


def _of_another_day(good: Good) -> Faulty:
    """Send the file before once more under the days of this one."""
    days, name = [record[good.roles["day"]] for record in _read(good.data)], good.roles["day"]
    return _write([record | {name: days[0]} for record in _read(good.before)])


def workbook(sheets: Mapping[str, Sequence[Sequence[str]]], parts: Mapping[str, str] | None = None) -> bytes:
    """Return a plain workbook of text cells; a cell that begins with ``=`` is a formula whose last value is 1.

    Args:
        sheets: Name -> rows.
        parts: Further parts of the archive, by path.
    """
    named = "".join(
        f'<sheet name="{escape(name)}" sheetId="{number}" r:id="rId{number}"/>' for number, name in enumerate(sheets, 1)
    )
    led = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number, _ in enumerate(sheets, 1)
    )
    told = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" '
        'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{led}</Relationships>',
    }
    told |= {f"xl/worksheets/sheet{number}.xml": _sheet(rows) for number, rows in enumerate(sheets.values(), 1)}
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in (told | dict(parts or {})).items():
            archive.writestr(zipfile.ZipInfo(path), text)
    return held.getvalue()


_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def _sheet(rows: Sequence[Sequence[str]]) -> str:
    lines = "".join(f"<row>{''.join(map(_cell, row))}</row>" for row in rows)
    return f'<worksheet xmlns="{_SHEET}"><sheetData>{lines}</sheetData></worksheet>'


def _cell(text: str) -> str:
    if text.startswith("="):
        return f"<c><f>{escape(text[1:])}</f><v>1</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>'


def as_workbook(data: bytes, name: str = "Data") -> bytes:
    """Return a CSV file as a workbook of one sheet."""
    return workbook({name: list(csv.reader(io.StringIO(data.decode())))})


def as_xml(data: bytes) -> bytes:
    """Return a CSV file as XML, an element ``item`` for each record."""
    items = "".join(
        f"<item>{''.join(f'<{name}>{escape(value)}</{name}>' for name, value in record.items())}</item>"
        for record in _read(data)
    )
    return f"<items>{items}</items>".encode()


def _book(change: Callable[[list[list[str]]], dict[str, list[list[str]]]], **parts: str) -> Maker:
    """Return a maker of a workbook from the rows of a table."""

    def made(good: Good) -> Faulty:
        rows = list(csv.reader(io.StringIO(good.data.decode())))
        return Faulty(workbook(change(rows), {path.replace("__", "/"): text for path, text in parts.items()}), ".xlsx")

    return made


def _plain(rows: list[list[str]]) -> dict[str, list[list[str]]]:
    return {"Data": rows}


def _summed(rows: list[list[str]]) -> dict[str, list[list[str]]]:
    """Put a formula beside the table."""
    return {"Data": [[*rows[0], "Check"], *([*row, "=1+0"] for row in rows[1:])]}


def _xml(change: Callable[[bytes], bytes]) -> Maker:
    def made(good: Good) -> Faulty:
        return Faulty(change(as_xml(good.data)), ".xml")

    return made


_ENTITIES = b'<!DOCTYPE items [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'

_MADE: dict[Kind, dict[str, Maker]] = {
    "marks": {
        "orphan_reference": _set("school", lambda _: "9999"),
        "unknown_person": _set("person", lambda _: "999999"),
        "roster_overlap_low": _set("person", lambda text: f"77{text}", share=1),
        "value_missing": _set("mark", lambda _: ""),
        "too_many_bad_rows": _set("day", lambda _: "2019-02-30", share=0.1),
        "personal_column_appeared": _with_column("Home Email", "someone@example.org"),
    },
    "answers": {
        "timestamp_without_zone": _set("sent", lambda text: text.removesuffix("-0700"), share=1),
        "timestamp_wrong_zone": _set("sent", lambda text: f"{text[:11]}02{text[13:]}", share=0.5),
        "respondent_repeats": _repeated,
        "rows_shrunk": _fewer(0.9),
        "preview": _set("preview", lambda _: "true"),
        "wrong_respondent_class": _set("class", lambda _: "staff"),
    },
    "figures": {"zero_or_empty": _zeros},
    "archive": {
        "calendar_presumed": _set("day", lambda text: f"2012{text[4:]}", share=1),
        "date_ambiguous": _set("day", lambda _: "03/04/2019", share=1),
        "control_chars_repaired": lambda good: Faulty(good.data.replace(b"sent", b"se\x1ant", 1)),
        "id_repaired": _set("school", lambda text: f"{text}.0"),
    },
    "counts": {"same_as_earlier_year": _of_another_day},
    "workbook": {
        "sheet_renamed": _book(lambda rows: {"Sheet1": rows}),
        "sheet_added": _book(lambda rows: {"Data": rows, "Notes": [["Made by the office"]]}),
        "formula_cell": _book(_summed),
        "macro_workbook": _book(_plain, **{"xl__vbaProject.bin": "Sub Auto_Open"}),
        "external_link": _book(_plain, **{"xl__externalLinks__externalLink1.xml": "<externalLink/>"}),
    },
    "xml": {
        "records_unreadable": _xml(lambda data: data.replace(b"</Day>", b"</Dya>", 1)),
        "xml_truncated": _xml(lambda data: data[:-40]),
        "xml_entities": _xml(lambda data: _ENTITIES + data),
    },
}
