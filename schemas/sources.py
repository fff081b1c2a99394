"""Say what ``sources.yml`` holds: where deliveries come from, how they are written, what each column becomes.

Only the shape belongs here; reading a delivery is ``aimline/sources`` and ``aimline/arrival``. A column of the entity
is filled from a heading (``from``), from the delivery's name (``fact``), by a template (``value``), by the value of
another heading (``when``), or is said to be ``absent``.
"""

from fractions import Fraction
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas._base import Clock, Exact, Fact, Flag, Id, Int, Label, Owner, Share, Text, mistake
from schemas.years import DateRule

ColumnType = Literal[
    "text", "id", "date", "timestamp", "integer", "decimal", "boolean", "school_year", "year_first_day", "grade"
]
Mask = Literal["not_applicable", "not_submitted", "masked", "missing"]
Cadence = Literal["school_day", "mon", "tue", "wed", "thu", "fri"]


class Transport(Fact):
    """Where deliveries wait: ``state:inbox/x``, ``env:NAME/sub``, a folder of the deployment, or ``s3://…``."""

    kind: Literal["local", "s3"]
    url: Text
    match: tuple[Text, ...] = Field(min_length=1)


class Format(Fact):
    """How a delivery is written; dates have one format, never a guess."""

    type: Literal["csv", "json", "xml", "parquet"]
    archive: Literal["none", "gz", "zip", "tar.xz"] = "none"
    encoding: Literal["auto", "utf-8", "cp1252", "utf-16"] = "auto"
    delimiter: Literal["auto", ",", ";", "|", "\t"] = "auto"
    records: Text | None = None
    nulls: tuple[str, ...] = ("",)
    masks: dict[str, Mask] = Field(default_factory=dict)
    dates: Text = "%Y-%m-%d"
    timestamps: Text = "%Y-%m-%d %H:%M:%S"


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
    from_: tuple[Text, ...] = Field(default=(), alias="from")
    fact: Text | None = None
    value: str | None = None
    when: Annotated[When | None, _HeadingToValues] = None
    absent: Flag = False
    type: ColumnType | None = None
    dates: Text | None = None
    pattern: Text | None = None
    required: Flag = True
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


class Unpivot(Fact):
    """Wide to long: the headings that become rows, and the columns that take their name and their value.

    ``columns`` maps a heading to the name it takes; with ``instrument`` the instrument's items do.
    """

    columns: dict[str, Text] = Field(default_factory=dict)
    instrument: Text | None = None
    name: Text
    value: Text

    @model_validator(mode="after")
    def _knows_its_headings(self) -> "Unpivot":
        if bool(self.columns) == (self.instrument is not None):
            raise mistake("unpivot has either 'columns' or 'instrument'.", "Give one of them.")
        return self


class RowTest(Fact):
    """What a cell must be for a row to be ignored."""

    equals: str | None = None
    matches: Text | None = None
    empty: Flag = False


class IgnoreRow(Fact):
    """Rows that are no records, such as totals; each is counted under its name."""

    name: Id
    when: dict[str, RowTest] = Field(default_factory=dict)
    builtin: Flag = False


class Load(Fact):
    """What a delivery replaces: ``full`` everything of its slot, ``append`` nothing."""

    mode: Literal["full", "append"]
    slot: Text = "all"


class Expected(Fact):
    """When a delivery is expected: by a time of each school day or weekday, once, or on a date."""

    every: Cadence | None = None
    once: DateRule | None = None
    by: Clock = "06:00"
    window: Id | None = None
    through: Literal["previous_school_day", "today"] = "today"

    @model_validator(mode="after")
    def _one_cadence(self) -> "Expected":
        if (self.every is None) == (self.once is None):
            raise mistake("an arrival is expected either 'every' or 'once'.", "Give one of them.")
        return self


class Grace(Fact):
    """School days a delivery may be late before anybody is told."""

    school_days: Int = Field(default=0, ge=0)


class Arrival(Fact):
    """When a source is expected and how late it may be."""

    expected: tuple[Expected, ...] = Field(min_length=1)
    grace: Grace = Grace()


class Source(Fact):
    """One source: where it comes from, how it is read, what it becomes, when it is expected."""

    source_id: Id
    kind: Literal["file"] = "file"
    label: Label | None = None
    entity: Text
    owner: Owner
    escalates_to: Text | None = None
    contains_people: Flag = True
    transport: Transport
    format: Format
    columns: tuple[Column, ...]
    unpivot: Unpivot | None = None
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    drop: tuple[Text, ...] = ()
    id_rule: dict[str, Literal["as_is", "strip_leading_zeros"]] = Field(default_factory=dict)
    ignore_rows: tuple[IgnoreRow, ...] = ()
    repair: tuple[Literal["strip_control_chars"], ...] = ()
    load: Load
    arrival: Arrival | None = None
    max_bad_rows: Share = Fraction(1, 50)


class SourcesFile(Fact):
    """All sources of a district."""

    version: Literal[1] = 1
    sources: tuple[Source, ...]

    def source(self, source_id: str) -> Source:
        """Return one source by its id."""
        return next(each for each in self.sources if each.source_id == source_id)
