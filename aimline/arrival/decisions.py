"""Apply what people decided of deliveries to what is declared: other names of columns, codes, absences, waivers.

A decision stands in the journal (``accept_recorded``) until it is in ``sources.yml``; then it changes nothing more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from aimline.arrival.windows import AFTER_SEAL

if TYPE_CHECKING:
    from schemas.sources import Source

ROWS = frozenset(
    {"too_many_bad_rows", "code_list_changed", "rows_out_of_band", "rows_shrunk", "unit_missing", "roster_overlap_low"}
)
"""What ``--rows`` waives: how many rows there are, and how many are good."""

YEAR = frozenset({"wrong_school_year", "same_as_earlier_year", "year_conflict", "year_unknown"})
"""What ``--year`` waives: the signs of the year."""


@dataclass
class Decisions:
    """What people decided of one source.

    Attributes:
        aliases: Heading -> the declared heading or column it stands for.
        codes: Column -> code as written -> code of the contract.
        absent: Column -> the last day it may be absent.
        waived: Digest of a delivery -> codes that shall not hold it.
        years: Digest of a delivery -> the school year it is of.
    """

    aliases: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    absent: dict[str, date] = field(default_factory=dict)
    waived: dict[str, frozenset[str]] = field(default_factory=dict)
    years: dict[str, int] = field(default_factory=dict)

    def hear(self, told: Mapping[str, Any]) -> None:
        """Take one decision in, as the journal keeps it."""
        self.aliases |= told.get("mapping", {})
        for column, codes in told.get("codes", {}).items():
            self.codes.setdefault(column, {}).update(codes)
        self.absent |= {column: date.fromisoformat(until) for column, until in told.get("absent", {}).items()}
        if told.get("year"):
            self.years[told["sha256"]] = told["year"]
        waives = {"rows": ROWS, "as_is": frozenset({"*"}), "restate": frozenset({AFTER_SEAL})}
        codes = waives.get(told.get("waive", ""), frozenset())
        codes |= YEAR if told.get("year") else frozenset()
        if codes:
            self.waived[told["sha256"]] = self.waived.get(told["sha256"], frozenset()) | codes


def decisions_of(payloads: Iterable[Mapping[str, Any]]) -> dict[str, Decisions]:
    """Return source -> what was decided of it, from the payloads of ``accept_recorded`` in order."""
    found: dict[str, Decisions] = {}
    for told in payloads:
        found.setdefault(told["source_id"], Decisions()).hear(told)
    return found


def in_force(source: "Source", decided: Decisions | None, on: date) -> "Source":
    """Return a source as declared and decided.

    Args:
        source: As declared.
        decided: What people decided of it.
        on: The day of the run; an absence ends.
    """
    absent = {column.name for column in source.columns if column.absent and column.until and column.until < on}
    if decided is None and not absent:
        return source
    decided = decided or Decisions()
    gone = {name for name, until in decided.absent.items() if until >= on}
    columns = [
        column.model_copy(update={"from_": (), "when": None, "absent": True}) if column.name in gone else column
        for column in source.columns
    ]
    codes = {name: dict(known) for name, known in source.codes.items()}
    for name, more in decided.codes.items():
        known = codes.setdefault(name, {})
        known |= {raw: known.get(code, code) for raw, code in more.items()}
    return source.model_copy(update={"columns": tuple(columns), "codes": codes})
