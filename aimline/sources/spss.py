"""Read SPSS files (.sav): values, never labels; what the file itself calls missing is told apart from what is empty."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.sources.tables import Stop, Table

if TYPE_CHECKING:
    from schemas.instruments import InstrumentFile
    from schemas.sources import Source

USER_MISSING = "user_missing"
_STARTS = (b"$FL2", b"$FL3")
_SAFE = 2**53


@dataclass(frozen=True)
class Sav:
    """What a file holds.

    Attributes:
        names: Its variables.
        columns: The values of each, as text; a code the file calls missing is ``user_missing``.
        labels: Variable -> codes that have a label, without those called missing.
    """

    names: tuple[str, ...]
    columns: Sequence[Sequence[str]]
    labels: Mapping[str, frozenset[str]]

    @property
    def n_records(self) -> int:
        """Return the number of its records."""
        return len(self.columns[0]) if self.columns else 0


def read_sav(path: Path) -> Sav | Stop:
    """Read a file; say why it is held where it is none."""
    import pyreadstat

    with path.open("rb") as file:
        if file.read(4) not in _STARTS:
            return Stop("type_by_content", "it is no SPSS file")
    try:
        data, meta = pyreadstat.read_sav(str(path), user_missing=True, apply_value_formats=False, output_format="dict")
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError):
        return Stop("records_unreadable", "the file is damaged")
    ranges: Mapping[str, Sequence[Mapping[str, Any]]] = meta.missing_ranges or {}
    names = tuple(meta.column_names)
    labels = {
        name: frozenset(_text(code) for code in codes if not _is_missing(code, ranges.get(name, ())))
        for name, codes in (meta.variable_value_labels or {}).items()
    }
    columns = [_cells(data[name], ranges.get(name, ())) for name in names]
    return Sav(names, columns, labels)


def _cells(values: Iterable[Any], ranges: Sequence[Mapping[str, Any]]) -> list[str]:
    return [USER_MISSING if _is_missing(value, ranges) else _text(value) for value in values]


def _is_missing(value: Any, ranges: Sequence[Mapping[str, Any]]) -> bool:
    """Say whether the file calls a value missing: one of its codes, or inside one of its ranges."""
    for each in ranges:
        low, high = each["lo"], each["hi"]
        is_number = isinstance(value, int | float) and isinstance(low, int | float)
        if (is_number and not math.isnan(value) and low <= value <= high) or (not is_number and value == low):
            return True
    return False


def _text(value: Any) -> str:
    """Write a value as text: whole numbers without a point, days as ISO text, nothing for what is not there."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _SAFE else repr(float(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value).strip()


def table_of(sav: Sav, source: "Source", instrument: "InstrumentFile | None") -> Table | Stop:
    """Return the rows of a file; its columns are read as they are declared.

    Args:
        sav: What the file holds.
        source: As declared.
        instrument: The instrument it is answered to, where the source names one.
    """
    if told := _changed(sav, instrument):
        return Stop("instrument_changed", told, sav.n_records)
    used = {name for column in source.columns for name in column.from_}
    used |= set(source.unpivot.headings) if source.unpivot else set()
    used |= {item.column or item.item_id for item in instrument.items} if instrument else set()
    refused: dict[int, str] = {}
    for name, cells in zip(sav.names, sav.columns, strict=True):
        known = sav.labels.get(name)
        if known and name in used:
            strange = (number for number, cell in enumerate(cells, 1) if cell not in known and cell not in _NO_CODE)
            refused |= dict.fromkeys(strange, "code_unknown")
    rows = list(enumerate(zip(*sav.columns, strict=True), 1))
    columns = [column.model_dump(by_alias=True, exclude_none=True) for column in source.columns]
    masks = {**source.format.masks, USER_MISSING: "skipped"}
    declares = {"as_declared": True, "masks": masks}
    return Table(
        source.entity, "sav", sav.names, rows, columns, n_records=len(rows), refused=refused, declares=declares
    )


_NO_CODE = frozenset({"", USER_MISSING})


def _changed(sav: Sav, instrument: "InstrumentFile | None") -> str:
    """Return how the labelled codes of a file differ from the options of the instrument; empty where they do not."""
    told = []
    for item in instrument.items if instrument else ():
        name = item.column or item.item_id
        declared = (
            {option.value for option in instrument.option_sets.get(item.options or "", ())} if instrument else set()
        )
        known = sav.labels.get(name)
        if known and declared and known != declared:
            told.append(f"the choices of {item.item_id} are others than declared")
    return "; ".join(told[:5])
