"""Build the contract of an entity: a pandera schema whose checks can be told to a database as well as to pandas.

Which columns an entity has, their types, whether they may be null and its key come from ``schemas/fields.py``; two rows
of one delivery with one key are a conflict. A contract adds value sets, ranges and rules between columns. Every check
carries its ``statistics``, from which ``aimline/arrival/contract_sql.py`` writes SQL; a check it does not know is an
error there, never skipped.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandera.pandas as pa

from schemas.fields import COUNT, DATE, ENTITIES, FLAG, INSTANT, KEYS, TEXT

GRADES = ("PK", "K", *(str(number) for number in range(1, 13)), "UG")
RESPONDENT_CLASSES = ("student", "staff", "family", "partner")
SCHOOL_YEARS = pa.Check.in_range(2000, 2100)
COUNTED = pa.Check.ge(0)
SHARE = pa.Check.in_range(0, 1)

_PANDAS_TYPES = {TEXT: "string", DATE: "datetime64[us]", INSTANT: "datetime64[us]", FLAG: "boolean", COUNT: "Int64"}


def contract(
    entity: str,
    checks: Mapping[str, pa.Check | Sequence[pa.Check]] | None = None,
    rules: Sequence[pa.Check] = (),
) -> pa.DataFrameSchema:
    """Return the contract of one entity.

    Args:
        entity: Name in ``schemas.fields.ENTITIES``.
        checks: What holds for single columns, beyond type and null.
        rules: What holds between columns.

    Raises:
        KeyError: A check is about a column the entity does not have.
    """
    given = dict(checks or {})
    columns = {}
    for column in ENTITIES[entity]:
        own = given.pop(column.name, ())
        dtype = _PANDAS_TYPES.get(column.field.type, "Float64")
        checked = [own] if isinstance(own, pa.Check) else list(own)
        columns[column.name] = pa.Column(dtype, checked, nullable=column.is_nullable)
    if given:
        raise KeyError(f"{entity} has no column {', '.join(given)}")
    return pa.DataFrameSchema(columns, checks=list(rules), unique=list(KEYS[entity]), name=entity)


def not_before(later: str, earlier: str) -> pa.Check:
    """Require that one date is not before another; a null date is not judged."""

    def holds(frame: Any) -> Any:
        return ~(frame[later] < frame[earlier])

    told = {"later": later, "earlier": earlier}
    return pa.Check(holds, name="not_before", statistics=told, error=f"{later} is before {earlier}")


def at_most(smaller: str, larger: str) -> pa.Check:
    """Require that one number is at most another; a null number is not judged."""

    def holds(frame: Any) -> Any:
        return ~(frame[smaller] > frame[larger]).fillna(value=False).astype(bool)

    told = {"smaller": smaller, "larger": larger}
    return pa.Check(holds, name="at_most", statistics=told, error=f"{smaller} is above {larger}")


def exactly_one_of(groups: Sequence[Sequence[str]]) -> pa.Check:
    """Require that exactly one group of columns is filled: wholly, and no part of the others."""

    def holds(frame: Any) -> Any:
        whole = sum(frame[list(group)].notna().all(axis=1).astype(int) for group in groups)
        some = sum(frame[list(group)].notna().any(axis=1).astype(int) for group in groups)
        return (whole == 1) & (some == 1)

    told = {"groups": [list(group) for group in groups]}
    named = " or ".join(" with ".join(group) for group in groups)
    return pa.Check(holds, name="exactly_one_of", statistics=told, error=f"exactly one is needed: {named}")


def present_only_when(columns: Sequence[str], column: str, value: str) -> pa.Check:
    """Require that some of ``columns`` are filled when another column has a value, and none of them when it has not."""

    def holds(frame: Any) -> Any:
        return frame[list(columns)].notna().any(axis=1) == (frame[column] == value).fillna(value=False).astype(bool)

    told = {"columns": list(columns), "column": column, "value": value}
    named = " or ".join(columns)
    return pa.Check(
        holds, name="present_only_when", statistics=told, error=f"{named} is needed when {column} is {value}, only then"
    )


def filled_with(column: str, other: str) -> pa.Check:
    """Require that ``other`` is filled wherever ``column`` is."""

    def holds(frame: Any) -> Any:
        return frame[column].isna() | frame[other].notna()

    told = {"column": column, "other": other}
    return pa.Check(holds, name="filled_with", statistics=told, error=f"{column} needs {other}")
