"""Compare the people of a delivery with the rosters of two years: whose list it looks like tells its school year.

Source: collection.md 7. Pseudonyms are compared, never ids.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aimline.arrival.years import Sign
from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import ENTITIES

_KEYS = ("student_key", "respondent_key", "staff_key")
_LEAST_PEOPLE = 20
_MATCH, _FURTHER = 0.90, 0.15
_OF_CLASSES, _STUDENTS = frozenset({"responses", "roster"}), " and respondent_class = 'student'"
_GOOD = "from final where row_no not in (select row_no from bad)"


def person_column(entity: str) -> str | None:
    """Return the quoted column by which rows of an entity name a person; None where they name nobody."""
    columns = {column.name for column in ENTITIES.get(entity, ())}
    return next((quote_ident(name) for name in _KEYS if name in columns), None)


def people_on(connection: Connection, entity: str, files: Sequence[str]) -> int:
    """Return how many people accepted rows of an entity name."""
    key = person_column(entity)
    if key is None or not files:
        return 0
    return int(connection.rows(f"select count(distinct {key}) as n from {_read(files)}")[0]["n"])


def roster_sign(connection: Connection, entity: str, slot_year: int, files: Sequence[str]) -> Sign | None:
    """Return what the people of a delivery say of its year; None where they are few or this year has no roster yet.

    Args:
        connection: Holds the rows in ``final``.
        entity: The entity of the rows.
        slot_year: The year the delivery is said to be of.
        files: Files of accepted memberships.
    """
    key = person_column(entity)
    if key is None or not files:
        return None
    has_grade = any(column.name == "grade" for column in ENTITIES[entity])
    connection.execute(
        f"create or replace temp table own_people as select {key} as key, "
        f"{_level('any_value(grade)') if has_grade else 'null::integer'} as level "
        f"{_GOOD} and {key} is not null{_STUDENTS if entity in _OF_CLASSES else ''} group by 1"
    )
    connection.execute(
        f"create or replace temp table listed_people as select student_key as key, school_year, "
        f"{_level('any_value(grade)')} as level from {_read(files)} "
        f"where school_year in ({slot_year}, {slot_year - 1}) group by 1, 2"
    )
    told = connection.rows(
        f"select count(*) as n, count(this.key) as n_now, count(last.key) as n_then, "
        f"median(own_people.level - this.level) as step, "
        f"(select count(*) from listed_people where school_year = {slot_year}) as n_listed from own_people "
        f"left join listed_people as this on this.key = own_people.key and this.school_year = {slot_year} "
        f"left join listed_people as last on last.key = own_people.key and last.school_year = {slot_year - 1}"
    )[0]
    return _sign(told, slot_year) if told["n"] >= _LEAST_PEOPLE and told["n_listed"] else None


def _sign(told: Mapping[str, Any], slot_year: int) -> Sign | None:
    n, n_now, n_then = told["n"], told["n_now"], told["n_then"]
    if n_then - n_now >= _FURTHER * n:
        what = f"{n_then:,} of {n:,} people on the roster of the year before, {n_now:,} on this year's:"
        return Sign(what, slot_year - 1, agrees=False)
    if told["step"] == -1:
        return Sign("grades, a year below the roster's:", slot_year - 1, agrees=False)
    return Sign("people on the roster", slot_year, agrees=True) if n_now >= _MATCH * n else None


def _level(grade: str) -> str:
    """Write a grade as a number: K is 0."""
    return f"case {grade} when 'PK' then -1 when 'K' then 0 else try_cast({grade} as integer) end"


def _read(files: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(map(quote_literal, files))}], hive_partitioning = false)"
