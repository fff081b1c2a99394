"""Say how a delivery is written and what each of its columns becomes: what ``sources.yml`` says of tables.

A column of the entity is filled from a heading (``from``), from the delivery's name (``fact``), by a template
(``value``), by the value of another heading (``when``), or is said to be ``absent``.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas._base import Day, Exact, Fact, Flag, Id, Int, Text, Zone, mistake

ColumnType = Literal[
    "text", "id", "date", "timestamp", "integer", "decimal", "boolean", "school_year", "year_first_day", "grade"
]
Mask = Literal["not_applicable", "not_submitted", "masked", "masked_small", "missing"]
Kind = Literal["csv", "xlsx", "json", "jsonl", "xml", "parquet"]


def _many(value: object) -> object:
    """Read one text where several may stand."""
    return (value,) if isinstance(value, str) else value


def _texts(value: object) -> object:
    """Read keys written as numbers, such as -1, as the text they are."""
    if isinstance(value, dict):
        return {
            str(key) if isinstance(key, int) and not isinstance(key, bool) else key: each for key, each in value.items()
        }
    return value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_many, json_schema_input_type=Text | tuple[Text, ...])]


class Sheets(Fact):
    """Which sheets of a workbook may be read: those whose name matches, never those ignored."""

    match: Text | None = None
    ignore: tuple[Text, ...] = ()


class Format(Fact):
    """How a delivery is written; dates have one format, never a guess.

    ``header`` is found (``auto``), stands in a row (counted from 1), in a span of rows joined by a space, or is absent.
    """

    type: Kind
    archive: Literal["auto", "none", "gz", "zip", "tar.xz"] = "auto"
    encoding: Literal["auto", "utf-8", "cp1252", "utf-16"] = "auto"
    delimiter: Literal["auto", ",", ";", "|", "\t"] = "auto"
    header: Literal["auto", "none"] | Int | tuple[Int, Int] = "auto"
    sheets: Literal["auto"] | Sheets | Texts = "auto"
    records: Text | None = None
    nulls: tuple[str, ...] = ("",)
    masks: Annotated[dict[str, Mask], BeforeValidator(_texts)] = Field(default_factory=dict)
    bounds: dict[str, tuple[Exact, Exact]] = Field(default_factory=dict)
    dates: Text | None = None
    timestamps: Text = "%Y-%m-%d %H:%M:%S"
    zone: Zone | None = None
    decimal: Literal[".", ","] = "."

    @model_validator(mode="before")
    @classmethod
    def _packed(cls, value: Any) -> Any:
        """Read ``zip-of-csv`` as a zip archive of csv files."""
        kind = value.get("type") if isinstance(value, dict) else None
        if isinstance(kind, str) and (packed := re.fullmatch(r"(zip|gz)-of-(\w+)", kind)):
            return {**value, "archive": packed[1], "type": packed[2]}
        return value


class When(Fact):
    """The value a column takes by the value of one heading; ``else`` for all others."""

    heading: Text
    values: dict[str, str]


def _as_when(value: object) -> object:
    """Read ``{HEADING: {raw: value, else: value}}``."""
    if isinstance(value, dict) and len(value) == 1 and "heading" not in value:
        heading, values = next(iter(value.items()))
        return {"heading": heading, "values": values}
    return value


_HeadingToValues = BeforeValidator(_as_when, json_schema_input_type=dict[str, dict[str, str]] | None)


class Column(Fact):
    """How one column of the entity is filled."""

    name: Text
    from_: Texts = Field(default=(), alias="from")
    fact: Text | None = None
    value: str | None = None
    when: Annotated[When | None, _HeadingToValues] = None
    absent: Flag = False
    until: Day | None = None
    type: ColumnType | None = None
    dates: Text | None = None
    pattern: Text | None = None
    required: Flag | None = None
    scale: Exact | None = None
    range: tuple[Exact, Exact] | None = None

    @model_validator(mode="after")
    def _filled_one_way(self) -> "Column":
        ways = [bool(self.from_), self.fact is not None, self.value is not None, self.when is not None, self.absent]
        if sum(ways) != 1:
            raise mistake(
                f"column '{self.name}' is filled in {sum(ways)} ways.",
                "Give exactly one of from, fact, value, when, absent: true.",
            )
        return self


_TOKEN = re.compile(r"\{(\w+)\}")


class Unpivot(Fact):
    """Wide to long: the headings that become rows, and the columns that take their name and their value.

    ``columns`` maps a heading to the name it takes, or is a pattern of headings such as ``D{group}AT{yy}{part}``, whose
    ``names`` give the expression of a place; with ``instrument`` the instrument's items do. An empty cell of an answer
    was ``skipped`` unless ``empty`` says otherwise; of items in ``multi`` every heading is a choice. A place named like
    a column of the entity fills it; so do ``group`` (group_label), ``yy`` (school_year, by its spring) and ``part``
    (measure_code).
    """

    columns: dict[str, Text] | Text = Field(default_factory=dict)
    names: dict[str, Text] = Field(default_factory=dict)
    entity: Text | None = None
    instrument: Text | None = None
    name: Text = "measure_code"
    value: Text = "value"
    empty: Literal["skipped", "not_presented"] = "skipped"
    multi: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _knows_its_headings(self) -> "Unpivot":
        if bool(self.columns) == (self.instrument is not None):
            raise mistake("unpivot has either 'columns' or 'instrument'.", "Give one of them.")
        return self

    @property
    def headings(self) -> dict[str, str]:
        """Return the headings that are named one by one, each with the name it takes."""
        return {} if isinstance(self.columns, str) else self.columns

    @property
    def pattern(self) -> "re.Pattern[str] | None":
        """Return the pattern of headings as an expression with a group for each place; None where they are named."""
        if not isinstance(self.columns, str):
            return None
        parts, end = [], 0
        for place in _TOKEN.finditer(self.columns):
            parts.append(re.escape(self.columns[end : place.start()]))
            parts.append(f"(?P<{place[1]}>{self.names.get(place[1], r'.+?')})")
            end = place.end()
        return re.compile("".join([*parts, re.escape(self.columns[end:])]))


class RowTest(Fact):
    """What a cell must be for a row to be ignored."""

    equals: str | None = None
    matches: Text | None = None
    empty: Flag = False


class IgnoreRow(Fact):
    """Rows that are no records, such as totals; each is counted under its name.

    ``check_sum`` names the headings whose totals must be the sum of the rows, or says that all numbers must.
    """

    name: Id
    when: dict[str, RowTest] = Field(default_factory=dict)
    builtin: Flag = False
    check_sum: Flag | Texts | None = None
