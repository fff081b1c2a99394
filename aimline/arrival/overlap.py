"""Compare the people of a delivery with those on the roster: strangers are refused, too many of them hold it all.

Source: collection.md 7. Pseudonyms are compared, never ids.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aimline.arrival.batch_checks import Hold, Judged
from aimline.arrival.pseudonyms import CONSENSUS
from aimline.arrival.rosters import person_column
from aimline.warehouse import Connection, quote_ident, quote_literal
from schemas.fields import ENTITIES

if TYPE_CHECKING:
    from schemas.sources import KeyOverlap


_LEAST_OF_SCHOOL = 20
_KINDS_OF_PEOPLE = ("student", "staff", "respondent")

NamesOf = Callable[[str, str], str]
"""Gives the pseudonym a raw id has as one kind of people."""


@dataclass(frozen=True)
class Asked:
    """What the people of a delivery are compared with.

    Attributes:
        rule: What is declared.
        files: Files of accepted roster rows; without any nobody can tell.
        name_of: Gives pseudonyms of other kinds, to find people who answered as what they are not.
    """

    rule: "KeyOverlap"
    files: Sequence[str]
    name_of: NamesOf | None = None


def judge_overlap(found: Judged, connection: Connection, entity: str, asked: Asked) -> None:
    """Refuse rows of people who are on no roster, and judge how many there are.

    Args:
        found: Takes what is found.
        connection: Holds the rows in ``final``.
        entity: The entity of the rows.
        asked: What they are compared with.
    """
    rule, files = asked.rule, asked.files
    own = _rater(entity) if rule.with_ == "staff" else person_column(entity)
    theirs = person_column(rule.with_)
    if not files or own is None or theirs is None:
        return
    _read_roster(connection, theirs, files, has_class=rule.with_ == "roster")
    asked_of = f"{own} is not null" + (
        " and respondent_class = 'student'" if _only_students(entity, rule.with_) else ""
    )
    asked_of += f" and {own} <> {quote_literal(CONSENSUS)}" if rule.with_ == "staff" else ""
    told = connection.rows(
        f"select count(distinct {own}) as n, count(distinct {own}) filter (where {own} in (select key from on_roster)) "
        f"as n_known, (select count(distinct key) from on_roster) as n_roster "
        f"from final where {asked_of} and row_no not in (select row_no from bad)"
    )[0]
    if not told["n"]:
        return
    is_answer = rule.with_ == "roster" and entity == "responses"
    if is_answer and asked.name_of is not None:
        _refuse_other_classes(connection, own, asked.name_of)
    _refuse_schools(connection, entity, (own, asked_of), rule)
    _refuse_rows(connection, own, asked_of, has_class=is_answer)
    detail = f"{told['n_known']:,} of {told['n']:,} people are on the roster"
    if told["n_known"] < rule.hold * told["n"]:
        found.holds.insert(0, Hold("roster_overlap_low", detail))
    elif told["n_known"] < rule.warn * told["n"] or told["n_known"] < (rule.roster_share or 0) * told["n_roster"]:
        found.note("roster_overlap_low")


def _rater(entity: str) -> str | None:
    """Return the quoted column by which rows of an entity name the member of staff who visited or rated."""
    columns = {column.name for column in ENTITIES[entity]}
    return next((quote_ident(name) for name in ("observer_key", "rater_key", "staff_key") if name in columns), None)


def _only_students(entity: str, other: str) -> bool:
    return entity in {"responses", "roster"} and other == "enrollment"


def _read_roster(connection: Connection, key: str, files: Sequence[str], *, has_class: bool) -> None:
    listed = ", ".join(map(quote_literal, files))
    kind = "respondent_class" if has_class else "null::varchar"
    connection.execute(
        f"create or replace temp table on_roster as select distinct {key} as key, {kind} as respondent_class "
        f"from read_parquet([{listed}], hive_partitioning = false)"
    )


def _refuse_schools(connection: Connection, entity: str, people: tuple[str, str], rule: "KeyOverlap") -> None:
    """Refuse all rows of a school whose people are others than those on the roster, where the rest is in order."""
    if not any(column.name == "school_id" for column in ENTITIES[entity]):
        return
    own, asked_of = people
    good = f"{asked_of} and row_no not in (select row_no from bad)"
    hold = f"{rule.hold.numerator}::hugeint / {rule.hold.denominator}"
    strange = (
        f"select school_id from final where {good} group by school_id having count(distinct {own}) >= "
        f"{_LEAST_OF_SCHOOL} and count(distinct {own}) filter (where {own} in (select key from on_roster)) "
        f"< count(distinct {own}) * {hold}"
    )
    connection.execute(
        f"insert into bad select distinct row_no, 'roster_overlap_low', {quote_literal(own.strip(chr(34)))} from final "
        f"where {good} and school_id in ({strange})"
    )


def _refuse_other_classes(connection: Connection, own: str, name_of: NamesOf) -> None:
    """Refuse records of people whose id is on the roster as that of another class: it has another pseudonym there."""
    strangers = connection.rows(
        f"select distinct cells.row_no, cells.{own} as raw from cells inner join final using (row_no) "
        f"where final.{own} is not null and row_no not in (select row_no from bad) "
        f"and final.{own} not in (select key from on_roster)"
    )
    pairs = [(row["row_no"], name_of(kind, row["raw"])) for row in strangers for kind in _KINDS_OF_PEOPLE]
    connection.execute(
        f"insert into bad select distinct row_no, 'wrong_respondent_class', {quote_literal(own.strip(chr(34)))} "
        "from (select unnest($1::bigint[]) as row_no, unnest($2::varchar[]) as key) "
        "where key in (select key from on_roster)",
        [[number for number, _ in pairs], [key for _, key in pairs]],
    )


def _refuse_rows(connection: Connection, key: str, asked_of: str, *, has_class: bool) -> None:
    """Refuse records of strangers, and of people who are of another class on the roster."""
    good = f"{asked_of} and row_no not in (select row_no from bad)"
    name = quote_literal(key.strip('"'))
    connection.execute(
        f"insert into bad select distinct row_no, 'unknown_person', {name} from final "
        f"where {good} and {key} not in (select key from on_roster)"
    )
    if has_class:
        connection.execute(
            f"insert into bad select distinct row_no, 'wrong_respondent_class', {name} from final where {good} "
            f"and ({key}, respondent_class) not in (select (key, respondent_class) from on_roster)"
        )
