"""Run the night's part of a plan: what dbt compiled, straight through one connection.

A night makes those models anew whose inputs changed, in one transaction, and stops where a table came out equal to what
it was: nothing that reads it alone runs. How a new database is made is in ``wholes``.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aimline.transform.making import check, failing, make
from aimline.transform.plans import MADE, Plan, Step
from aimline.warehouse import Connection, quote_ident

LONG = 10_000
"""Rows from which grouping whole rows takes longer than planning two quicker questions."""


@dataclass(frozen=True)
class Ran:
    """What a build ran.

    Attributes:
        models: The models that were made.
        changed: Those whose rows changed.
        n_checks: How many rules were checked.
        parts: Of a changed model of which only parts were made, the condition of these; none of a whole build.
    """

    models: tuple[str, ...]
    changed: frozenset[str]
    n_checks: int
    parts: Mapping[str, str]


def _hold(connection: Connection, step: Step) -> None:
    """Ask a view once, and let those that read it read what it gave; ``_let_go`` makes it a view again.

    DuckDB asks a view anew for every table that reads it.
    """
    name = quote_ident(step.name)
    make(connection, step, Path(), f"temp table {name}")
    connection.execute(f"create or replace view main.{name} as from temp.{name}")


def _let_go(connection: Connection, held: Iterable[Step]) -> None:
    """Make views of what was held."""
    for step in held:
        name = quote_ident(step.name)
        make(connection, step, Path(), f"view main.{name}")
        connection.execute(f"drop table temp.{name}")


def run_night(connection: Connection, plan: Plan, touched: Collection[str], project: Path) -> Ran:
    """Make anew every table whose inputs changed.

    Args:
        connection: The warehouse, in a transaction.
        plan: What to run.
        touched: The tables of ``landed`` whose content changed.
        project: Where dbt's files are.

    Raises:
        TransformError: A query failed or a rule is broken.
    """
    changed, models, n_checks = set(touched), [], 0
    parts: dict[str, str] = {}
    steps = [step for step in plan.steps if step.kind != "view" or step.is_once]
    held: list[Step] = []
    readers: dict[str, list[Step]] = {}
    for step in steps:
        for name in step.inputs:
            readers.setdefault(name, []).append(step)
    for step in steps:
        if changed.isdisjoint(step.inputs) or not _has_touched_parts(connection, step):
            continue
        if step.is_once:
            _hold(connection, step)
            held.append(step)
            continue
        models.append(step.name)
        n_checks += step.n_checks
        spared = [reader for reader in readers.get(step.name, ()) if changed.isdisjoint(reader.inputs)]
        if step.is_compared and spared:
            is_changed = _remake_if_changed(connection, step, project)
        else:
            is_changed = _remake(connection, step, project)
        if is_changed:
            changed.add(step.name)
            parts[step.name] = _where(step)
    connection.execute(f"drop table if exists temp.{MADE}")
    _let_go(connection, held)
    return Ran(tuple(models), frozenset(changed.difference(touched)), n_checks, parts)


def _remake_if_changed(connection: Connection, step: Step, project: Path) -> bool:
    """Make the rows of a step beside what is there, and keep them if they differ: else what reads it may be spared."""
    make(connection, step, project, f"temp table {MADE}")
    if not _is_changed(connection, step):
        return False
    check(connection, step, MADE)
    _keep(connection, step)
    return True


def _remake(connection: Connection, step: Step, project: Path) -> bool:
    """Make the rows of a step in the place of what is there, where looking for a change would spare nothing."""
    target = f"main.{quote_ident(step.name)}"
    if not step.stale:
        make(connection, step, project, f"table {target}")
        check(connection, step, target)
        return True
    connection.execute(f"delete from {target}{_where(step)}")
    with failing(step):
        connection.execute(f"insert into {target} by name ({step.body})")
    check(connection, step, f"({_held(step)})")
    return True


def _has_touched_parts(connection: Connection, step: Step) -> bool:
    """Say whether any part is to be made anew; a table without parts is made as one."""
    return not step.stale or bool(connection.rows(f"select 1 as one from main.{quote_ident(step.stale)} limit 1"))


def _held(step: Step) -> str:
    """Write the query for the rows that the new ones would replace."""
    target = f"main.{quote_ident(step.name)}"
    return f"select * from {target}{_where(step)}"


def _where(step: Step) -> str:
    """Write the condition of touched parts; the last column by itself too, so that DuckDB skips what lies beside."""
    if not step.stale:
        return ""
    touched, parts = f"from main.{quote_ident(step.stale)}", ", ".join(step.parts)
    return (
        f" where {step.parts[-1]} in (select {step.parts[-1]} {touched}) and ({parts}) in (select ({parts}) {touched})"
    )


def _is_changed(connection: Connection, step: Step) -> bool:
    """Say whether the new rows differ from those they would replace: in any order, each has its counterpart.

    Rows are grouped by content; ``except all`` would take thrice as long. Of a long table that takes long, so two
    quicker questions come first. Rows made of equal inputs come in one order, so that looking at pairs tells most
    tables that stayed as they were. Digests tell what differs and no more: DuckDB's hash() gives different texts one
    number.
    """
    is_long = connection.rows(f"select count(*) > {LONG} as is_long from {MADE}")[0]["is_long"]
    if is_long and (told := _told_quickly(connection, step)) is not None:
        return told
    both = f"select *, 1 as side from {MADE} union all by name select *, -1 as side from ({_held(step)})"
    differing = f"select * exclude (side) from ({both}) group by all having sum(side) <> 0 limit 1"
    return bool(connection.rows(differing))


def _told_quickly(connection: Connection, step: Step) -> bool | None:
    """Say whether the new rows differ, by their order and digests; None when these do not tell."""
    made, held = f"(select true as is_there, * from {MADE})", f"(select true as is_there, * from ({_held(step)}))"
    pairs = f"select 1 as one from {made} as a positional join {held} as b where a is distinct from b limit 1"
    if not connection.rows(pairs):
        return False
    digests = (f"(select count(*) + sum(hash(t)) from {side} as t)" for side in (made, held))
    return connection.rows(f"select {' is distinct from '.join(digests)} as differs")[0]["differs"] or None


def _keep(connection: Connection, step: Step) -> None:
    """Put the new rows where the old ones are."""
    target = f"main.{quote_ident(step.name)}"
    if not step.stale:
        connection.execute(f"create or replace table {target} as from {MADE}")
        return
    connection.execute(f"delete from {target}{_where(step)}")
    connection.execute(f"insert into {target} by name from {MADE}")
