"""Compare the people of a delivery with those on the roster: strangers are refused, too many of them hold it all.

Source: collection.md 7. Pseudonyms are compared, never ids.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from aimline.arrival.batch_checks import Hold, Judged
from aimline.arrival.rosters import person_column
from aimline.warehouse import Connection, quote_literal

if TYPE_CHECKING:
    from schemas.sources import KeyOverlap


def judge_overlap(
    found: Judged, connection: Connection, entity: str, asked: tuple["KeyOverlap", Sequence[str]]
) -> None:
    """Refuse rows of people who are on no roster, and judge how many there are.

    Args:
        found: Takes what is found.
        connection: Holds the rows in ``final``.
        entity: The entity of the rows.
        asked: What is declared, and the files of accepted roster rows; without any nobody can tell.
    """
    rule, files = asked
    own, theirs = person_column(entity), person_column(rule.with_)
    if not files or own is None or theirs is None:
        return
    _read_roster(connection, theirs, files, has_class=rule.with_ == "roster")
    asked_of = f"{own} is not null" + (
        " and respondent_class = 'student'" if _only_students(entity, rule.with_) else ""
    )
    told = connection.rows(
        f"select count(distinct {own}) as n, count(distinct {own}) filter (where {own} in (select key from on_roster)) "
        f"as n_known, (select count(distinct key) from on_roster) as n_roster "
        f"from final where {asked_of} and row_no not in (select row_no from bad)"
    )[0]
    if not told["n"]:
        return
    _refuse_rows(connection, own, asked_of, has_class=rule.with_ == "roster" and entity == "responses")
    detail = f"{told['n_known']:,} of {told['n']:,} people are on the roster"
    if told["n_known"] < rule.hold * told["n"]:
        found.holds.insert(0, Hold("roster_overlap_low", detail))
    elif told["n_known"] < rule.warn * told["n"] or told["n_known"] < (rule.roster_share or 0) * told["n_roster"]:
        found.note("roster_overlap_low")


def _only_students(entity: str, other: str) -> bool:
    return entity in {"responses", "roster"} and other == "enrollment"


def _read_roster(connection: Connection, key: str, files: Sequence[str], *, has_class: bool) -> None:
    listed = ", ".join(map(quote_literal, files))
    kind = "respondent_class" if has_class else "null::varchar"
    connection.execute(
        f"create or replace temp table on_roster as select distinct {key} as key, {kind} as respondent_class "
        f"from read_parquet([{listed}], hive_partitioning = false)"
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
