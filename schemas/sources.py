"""Say what ``sources.yml`` holds: where deliveries come from, how they are written, what each column becomes.

Only the shape belongs here; reading a delivery is ``aimline/sources`` and ``aimline/arrival``. What
a table looks like is ``source_tables``.
"""

import re
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas._base import Clock, Exact, Fact, Flag, Id, Int, Label, Owner, Share, Text, mistake
from schemas.rules import DateRule
from schemas.source_kinds import HttpJson, Qualtrics, Redcap
from schemas.source_tables import Column, Format, IgnoreRow, Unpivot

SourceKind = Literal["file", "edfi", "oneroster_csv", "qualtrics", "redcap", "spss", "http_json", "template"]
PULLED = frozenset({"edfi", "qualtrics", "redcap", "http_json"})
"""Kinds that are asked over HTTP: what is kept of them are the answers, without personal fields, ids as pseudonyms."""
TRANSLATED = {"oneroster_csv": {"type": "csv", "archive": "zip"}, "template": {"type": "xlsx"}}
SAV = {"type": "csv", "archive": "none"}
"""How a file of kind spss is written, as far as declarations tell; its values need no format."""
"""Kinds of files whose columns are known, with how they are written."""
AT_THE_DOOR = PULLED | {"template"}
"""Kinds whose ids are pseudonyms already when their rows are read."""
Dialect = Literal["oneroster", "sds_v1", "sds_v2_1"]
Repair = Literal["strip_control_chars", "strip_float_zero", "restore_leading_zeros"]
Cadence = Literal["school_day", "mon", "tue", "wed", "thu", "fri"]


class Settle(Fact):
    """When a file counts as whole: equal in so many looks so many seconds apart, or its marker stands beside it."""

    checks: Int = Field(default=2, ge=1, le=10)
    every_s: Int = Field(default=60, ge=0, le=3600)
    marker: Text | None = None


_PLAIN_HTTP = re.compile(r"http://(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(/.*)?")
_HTTPS = re.compile(r"https://[^/@]+(/[^@]*)?")
_REFERENCE = r"^((env|file):[A-Za-z_][A-Za-z0-9_]*|prefect:[a-z0-9][a-z0-9-]*)$"
_VALUES = ("token", "password", "api_key", "private_key", "client_secret")


def _named_not_held(value: object) -> object:
    """Refuse a secret that stands in the file: it holds the name of one alone."""
    if isinstance(value, str) and not re.match(_REFERENCE, value):
        raise _held("secret")
    return value


def _held(key: str) -> Exception:
    return mistake(f'"{key}" holds a value.', "Put it in an environment variable and write secret: env:NAME.")


Secret = Annotated[Text, BeforeValidator(_named_not_held)]
"""Where a secret is: ``env:NAME``, a variable that holds it; ``file:NAME_FILE``, one that names its file; or
``prefect:BLOCK``, a block of the Prefect server."""


class Transport(Fact):
    """Where deliveries wait: ``state:inbox/x``, ``env:NAME/sub``, a folder, ``s3://…``, ``sftp://…``, ``https://…``.

    ``after`` says what becomes of a file once its batch is told: it stays, or moves to a folder beside it. ``secret``
    names a private key or password (sftp), or a token or ``key:secret`` (http). A server is known by its ``host_key``.
    """

    kind: Literal["local", "s3", "sftp", "http"]
    url: Text
    secret: Secret | None = None
    host_key: Text | None = Field(default=None, pattern=r"^SHA256:\S+$")
    match: tuple[Text, ...] = ()
    settle: Settle | None = None
    after: Text = Field(default="leave", pattern=r"^(leave|move:[A-Za-z0-9_./-]+)$")

    @model_validator(mode="before")
    @classmethod
    def _holds_no_secret(cls, value: Any) -> Any:
        """Refuse a secret by any of its names."""
        if isinstance(value, dict) and (found := next((key for key in _VALUES if key in value), None)):
            raise _held(found)
        if isinstance(value, dict) and value.get("kind") == "sftp":
            return {"settle": {}} | value  # what stands on a server may be half there at any look
        return value

    @model_validator(mode="after")
    def _can_be_reached(self) -> "Transport":
        if self.kind != "http" and not self.match:
            raise mistake(
                "'match' is missing.", "Write the patterns of the names to be read, such as match: ['*.csv']."
            )
        if self.kind == "http" and not (_HTTPS.fullmatch(self.url) or _PLAIN_HTTP.fullmatch(self.url)):
            raise mistake("the url is no https address.", "Write https://host/path, without a password.")
        if self.kind == "sftp":
            self._has_a_known_server()
        return self

    def _has_a_known_server(self) -> None:
        if not re.fullmatch(r"sftp://([^/@:]+@)?[^/@]+(/.*)?", self.url):
            raise mistake("the url is no sftp address.", "Write sftp://user@host/folder, without a password.")
        if self.host_key is None:
            raise mistake("'host_key' is missing.", "Ask the owner of the server for its SHA256 fingerprint.")
        if self.secret is None:
            raise mistake("'secret' is missing.", "Write secret: env:NAME, or secret: file:NAME_FILE.")


class Coverage(Fact):
    """What a full delivery speaks for: the days in its date columns, and the schools in the file or all.

    What it speaks for is replaced; rows of other days and schools stay as they are.
    """

    dates: tuple[Text, ...] = ()
    schools: Literal["file", "all"] = "file"


class Load(Fact):
    """What a delivery replaces: ``full`` everything of its slot, the others rows of the same key alone."""

    mode: Literal["full", "delta", "append"]
    coverage: Coverage | None = None
    slot: Text = "all"


class YearRule(Fact):
    """How a delivery shows the school year it belongs to, and whether it must.

    ``evidence`` names the signs that count: labels in titles, headings and year cells; dates of events; people on the
    roster of this year and the last; rows that came before for another year.
    """

    label: Literal["spanning", "spring", "fall"] = "spanning"
    evidence: tuple[Literal["labels", "dates", "roster", "rows"], ...] = ("labels", "dates", "roster", "rows")
    require: Flag = False


class Expected(Fact):
    """When a delivery is expected: by a time of each school day or weekday, once, or on a date."""

    every: Cadence | None = None
    once: DateRule | None = None
    by: Clock = "06:00"
    window: Id | None = None
    through: Literal["previous_school_day", "today"] = "today"

    @model_validator(mode="before")
    @classmethod
    def _on_a_day(cls, value: Any) -> Any:
        """Read ``{on: day}`` as an arrival expected once."""
        if isinstance(value, dict) and "on" in value and "once" not in value:
            return {"once": value["on"]} | {key: each for key, each in value.items() if key != "on"}
        return value

    @model_validator(mode="after")
    def _one_cadence(self) -> "Expected":
        if (self.every is None) == (self.once is None):
            raise mistake("an arrival is expected either 'every' or 'once'.", "Give one of them.")
        return self


class Grace(Fact):
    """School days a delivery may be late before anybody is told."""

    school_days: Int = Field(default=0, ge=0)


Band = tuple[Exact, Exact]


class RowBands(Fact):
    """How many rows a delivery may have, as shares of the usual number; ``min`` and ``per_key`` are numbers of rows."""

    warn: Band = (Fraction(9, 10), Fraction(23, 20))
    hold: Band = (Fraction(7, 10), Fraction(3, 2))
    min: Int = Field(default=1, ge=0)
    per_key: Exact | None = None


class KeyOverlap(Fact):
    """How many keys of a delivery must stand on the roster, and how much of the roster in the delivery."""

    with_: Text = Field(default="enrollment", alias="with")
    warn: Share = Fraction(49, 50)
    hold: Share = Fraction(9, 10)
    roster_share: Share | None = None


def _listed(value: object) -> object:
    """Read one expectation where several may stand."""
    return (value,) if isinstance(value, dict) else value


class Arrival(Fact):
    """When a source is expected, how late it may be, and what a usual delivery is."""

    expected: Annotated[tuple[Expected, ...], BeforeValidator(_listed)] = ()
    grace: Grace = Grace()
    rows: RowBands | None = None
    key_overlap: KeyOverlap | None = None
    max_bad_rows: Share = Fraction(1, 50)


_OF_A_YEAR = "{school_year}"


class Source(Fact):
    """One source: where it comes from, how it is read, what it becomes, when it is expected."""

    source_id: Id
    kind: SourceKind = "file"
    label: Label | None = None
    entity: Text
    entities: tuple[Text, ...] = ()
    owner: Owner
    escalates_to: Text | None = None
    contains_people: Flag = True
    transport: Transport
    dialect: Dialect = "oneroster"
    ids: dict[Literal["student", "school", "staff"], Text] = Field(default_factory=dict)
    qualtrics: Qualtrics | None = None
    redcap: Redcap | None = None
    http: HttpJson | None = None
    format: Format
    columns: tuple[Column, ...]
    unpivot: Unpivot | None = None
    codes: dict[str, dict[str, str]] = Field(default_factory=dict)
    drop: tuple[Text, ...] = ()
    id_rule: dict[str, Literal["keep_zeros", "strip_leading_zeros"]] = Field(default_factory=dict)
    ignore_rows: tuple[IgnoreRow, ...] = ()
    repair: tuple[Repair, ...] = ()
    school_year: YearRule | None = None
    load: Load
    arrival: Arrival | None = None

    @model_validator(mode="before")
    @classmethod
    def _filled_in(cls, value: Any) -> Any:
        """Take the entity of the unpivoted rows, or the first of several, where the source names none.

        What a connector writes is known without being declared.
        """
        if not isinstance(value, dict):
            return value
        unpivot, several = value.get("unpivot"), value.get("entities")
        if isinstance(unpivot, dict) and unpivot.get("entity"):
            value = {**value, "entity": unpivot["entity"]}
        elif "entity" not in value and isinstance(several, list | tuple) and several:
            value = {**value, "entity": several[0]}
        kind = value.get("kind", "file")
        if kind in TRANSLATED:
            value = {"format": TRANSLATED[kind], "columns": (), "load": {"mode": "full", "slot": _OF_A_YEAR}} | value
        if kind == "spss":
            value = {"format": SAV} | value
        if kind in PULLED:
            value = {"format": {"type": "jsonl", "archive": "gz"}, "columns": (), "load": {"mode": "full"}} | value
        return value

    @model_validator(mode="after")
    def _names_what_it_keeps(self) -> "Source":
        if self.kind == "http_json" and self.unpivot and self.unpivot.instrument:
            raise mistake(
                "only named fields of an interface are kept.", "Give unpivot.columns: field -> item, not instrument."
            )
        return self

    @model_validator(mode="after")
    def _host_is_reached_by_key(self) -> "Source":
        """An Ed-Fi host is asked over HTTP, with a key and its secret."""
        if self.kind == "edfi" and (self.transport.kind != "http" or self.transport.secret is None):
            raise mistake(
                "an Ed-Fi host needs transport.kind: http and a secret.",
                "Write secret: env:NAME, where NAME holds key:secret.",
            )
        return self

    @property
    def max_bad_rows(self) -> Fraction:
        """Return the share of bad rows above which a whole delivery is held."""
        return self.arrival.max_bad_rows if self.arrival else Arrival().max_bad_rows


class SourcesFile(Fact):
    """All sources of a district."""

    version: Literal[1] = 1
    sources: tuple[Source, ...]

    def source(self, source_id: str) -> Source:
        """Return one source by its id."""
        return next(each for each in self.sources if each.source_id == source_id)
