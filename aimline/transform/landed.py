"""Show accepted rows to the build: which deliveries count on a day, and the schema ``landed`` made of them.

What counts as of a day is decided here, from the journal; what
the rows mean is SQL in ``dbt_project``. Schema ``landed`` holds

* a view an entity, over the accepted files whose rows are current: the newest delivery of a slot, the newest row of a
  key where deliveries add to each other;
* tables of the journal's events, of tonight, of the day the data reach;
* ``changed_attendance_events`` and ``changed_attendance_submissions``, old and new rows of the slots that changed since
  the last finished build, and the ``built_`` tables, what that build had seen. Comparing the two tells which days must
  be made anew.
"""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aimline.errors import TransformError
from aimline.journal import Event
from aimline.storage import LocalStore
from aimline.transform.visible import SEALED_FIGURES, Batch, Visible, entity_columns
from aimline.warehouse import Connection, quote_ident, quote_literal, valued
from schemas.fields import KEYS
from schemas.published import FIGURE_KEY

DIFFED = ("attendance_events", "attendance_submissions")
"""The entities whose changed rows alone are looked at; the others are small enough to be compared whole."""

# What the last finished build had seen. Written by `remember`, compared by models/intermediate/changes.
_BUILT = {
    "built_slots": "entity varchar, source_id varchar, slot varchar, batch_id varchar",
    "built_spans": "student_key varchar, school_id varchar, enrollment_id varchar, calendar_id varchar, grade varchar, "
    "school_year integer, entered_on date, last_on date, fte decimal(4,3), attends_weekdays varchar, "
    "is_primary boolean, tie_no bigint",
    "built_days": "school_id varchar, calendar_id varchar, grade varchar, on_date date, school_year integer, "
    "day_parts bigint",
    "built_scopes": "school_id varchar, calendar_id varchar, grade varchar, school_year integer",
    "built_dates": "school_year integer, on_date date, piece_id varchar, week_no integer",
    "built_periods": "school_year integer, period_kind varchar, period_id varchar, period_starts_on date, "
    "period_ends_on date",
    "built_closed_periods": "school_year integer, period_kind varchar, period_id varchar",
    "built_submission": "school_id varchar, grade varchar, on_date date, submission_state varchar, "
    "school_year integer, n_expected bigint, n_sent bigint",
    "built_most_rooms": "school_id varchar, grade varchar, school_year integer, most_rooms bigint",
    "built_rosters": "school_year integer, sets varchar, roster varchar, schedule varchar, through_on date",
    "built_years": "school_year integer, fingerprint varchar",
    "built_combinations": "student_no ubigint, school_year integer, combination_no ubigint",
    "built_survey_slots": "slot varchar, fingerprint varchar",
    "built_sources": "name varchar, fingerprint varchar",
}
# By rosters and years it is told which parts of the others are touched, so these two are written down last.
_REMEMBERED = {
    "built_spans": "int_enrollment__spans",
    "built_scopes": "int_enrollment__scopes",
    "built_combinations": "int_groups__student_combinations",
    "built_days": "int_calendar__instructional_days",
    "built_submission": "int_attendance__submission",
    "built_most_rooms": "int_attendance__most_rooms",
    "built_dates": "int_calendar__dates",
    "built_periods": "int_calendar__periods",
    "built_closed_periods": "int_changes__closed_periods",
    "built_survey_slots": "int_survey__slots",
    "built_rosters": "int_changes__rosters",
    "built_years": "int_changes__years",
}


# What is landed beside its cause: with these deliveries, or with any news.
_FOLLOWS = (
    ("batches", "current_slots"),
    *((entity, f"changed_{entity}") for entity in DIFFED),
    ("", "through"),
)


@dataclass(frozen=True)
class Tonight:
    """The one row of ``landed.tonight``."""

    as_of: date
    build_id: str
    district_id: str
    code_version: str


def land(connection: Connection, store: LocalStore, seen: Visible, tonight: Tonight) -> set[str]:
    """Make the schema ``landed`` of an opened warehouse.

    Returns:
        The names of the tables and views whose content differs from the last finished build.
    """
    connection.execute("create schema if not exists landed")
    for name, columns in _BUILT.items():
        connection.execute(f"create table if not exists landed.{name} ({columns})")
    known = {row["name"]: row["fingerprint"] for row in connection.rows("from landed.built_sources")}
    now = seen.fingerprints()
    touched = {name for name in now if known.get(name) != now[name]}
    has_news = bool(touched - {"ledger_events", "alert_events", SEALED_FIGURES})
    _land_tables(connection, store, seen, touched)
    for entity in touched & set(entity_columns()):
        _show(connection, entity, _entity_view(entity, seen, store))
    _land_changes(connection, store, seen)
    _land_tonight(connection, tonight, (seen.news_on or tonight.as_of) if has_news else None)
    return touched | {"tonight"} | {name for cause, name in _FOLLOWS if cause in touched or (has_news and not cause)}


def _land_tables(connection: Connection, store: LocalStore, seen: Visible, touched: set[str]) -> None:
    """Write what the journal tells as tables, and show what snapshots have sealed."""
    if "batches" in touched:
        _table(connection, "batches", _BATCH_COLUMNS, (_batch_row(batch) for batch in seen.batches))
        slots = ((*place, batch_id) for place, batch_id in seen.owners.items())
        _table(connection, "current_slots", _SLOT_COLUMNS, slots)
    if SEALED_FIGURES in touched:
        connection.execute(_sealed_view(seen, store))
    if "ledger_events" in touched:
        _table(connection, "ledger_events", _EVENT_COLUMNS, (_event_row(event) for event in seen.events))
    if "alert_events" in touched:
        rows = (tuple(_alert_cell(row.get(name)) for name in _ALERT_COLUMNS) for row in seen.alert_events)
        _table(connection, "alert_events", _ALERT_COLUMNS, rows)


_BATCH_COLUMNS = dict.fromkeys(("batch_id", "source_id", "entity", "load_mode"), "varchar")
_BATCH_COLUMNS |= {"received_at": "timestamp", "accepted_no": "bigint"}
_SLOT_COLUMNS = dict.fromkeys(("entity", "source_id", "slot", "batch_id"), "varchar")
_EVENT_COLUMNS = {"seq": "bigint", "at": "timestamp", "as_of": "date"}
_EVENT_COLUMNS |= dict.fromkeys(("kind", "subject_id", "payload", "run_id"), "varchar")
_ALERT_TEXTS = ("event_id", "alert_id", "class_id", "unit_id", "indicator_id", "group_id", "kind", "event_type")
_ALERT_COLUMNS = dict.fromkeys((*_ALERT_TEXTS, "from_state", "to_state"), "varchar")
_ALERT_COLUMNS |= {"episode": "integer", "period_on": "date", "as_of": "date"}
_ALERT_COLUMNS |= {"effect": "double", "p": "double", "p_adjusted": "double", "payload": "varchar"}
_ALERT_COLUMNS |= {"actor": "varchar", "reason": "varchar", "recorded_at": "timestamp"}


_SEALED_COLUMNS = dict.fromkeys(FIGURE_KEY, "varchar") | {"school_year": "integer", "period_ends_on": "date"}
_SEALED_COLUMNS |= {"numerator": "decimal(38,9)", "denominator": "decimal(38,9)", "value": "double"}
_SEALED_COLUMNS |= {"definition_version": "varchar", "n_people": "bigint", "quality_state": "varchar"}


def _sealed_view(seen: Visible, store: LocalStore) -> str:
    """Write the view of official figures, with the snapshot that sealed them and its day."""
    names = ", ".join(
        f"cast({quote_ident(name)} as {kind}) as {quote_ident(name)}" for name, kind in _SEALED_COLUMNS.items()
    )
    parts = [
        f"select {quote_literal(event.subject_id)} as snapshot_id, "
        f"date {quote_literal(str(event.as_of))} as sealed_on, {names} "
        f"from read_parquet({quote_literal(str(store.path(event.payload['key'])))})"
        for event in seen.sealed
    ]
    empty = ", ".join(f"cast(null as {kind}) as {quote_ident(name)}" for name, kind in _SEALED_COLUMNS.items())
    none = f"select cast(null as varchar) as snapshot_id, cast(null as date) as sealed_on, {empty} where false"
    return f"create or replace view landed.{SEALED_FIGURES} as {' union all '.join(parts) or none}"


def _batch_row(batch: Batch) -> tuple[Any, ...]:
    names = (batch.batch_id, batch.source_id, batch.entity, batch.load_mode)
    return (*names, batch.received_at.replace(tzinfo=None), batch.accepted_no)


def _event_row(event: Event) -> tuple[Any, ...]:
    at = event.at.replace(tzinfo=None) if event.at else None
    payload = json.dumps(event.payload, sort_keys=True, ensure_ascii=False)
    return (event.seq, at, event.as_of, event.kind, event.subject_id, payload, event.run_id)


def _alert_cell(value: Any) -> Any:
    """Write a payload as JSON; anything else is plain already."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, Mapping | list) else value


def _table(connection: Connection, name: str, columns: Mapping[str, str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows as a table."""
    held = list(rows)
    query = valued(zip(*held, strict=True) if held else ((),) * len(columns), columns)
    kinds = ", ".join(f"{quote_ident(column)} {kind}" for column, kind in columns.items())
    connection.execute(f"create or replace table landed.{name} ({kinds})")
    connection.execute(f"insert into landed.{name} {query}")


def _show(connection: Connection, entity: str, view: str) -> None:
    """Make the view of an entity.

    Raises:
        TransformError: Its rows were accepted by a version of Aimline that knew other columns.
    """
    try:
        connection.execute(view)
    except TransformError as error:
        if not error.message.startswith("Binder Error"):
            raise
        told = f"the rows of {entity} were accepted by another version of Aimline, which knew other columns."
        raise TransformError(told, remedy="Run 'aimline collect' for the same day, then build again.") from None


def _entity_view(entity: str, seen: Visible, store: LocalStore) -> str:
    """Write the view of an entity's current rows."""
    columns = entity_columns()[entity]
    owned: dict[str, int] = {}
    for (name, _, _), batch_id in seen.owners.items():
        if name == entity:
            owned[batch_id] = owned.get(batch_id, 0) + 1
    mine = [batch for batch in seen.batches if batch.entity == entity]
    used = [batch for batch in mine if batch.load_mode != "full" or batch.batch_id in owned]
    partly = [b.batch_id for b in used if b.load_mode == "full" and owned[b.batch_id] < len(b.slots)]
    names = ", ".join(quote_ident(name) for name in columns)
    head = f"create or replace view landed.{quote_ident(entity)} as"
    if not used:
        empty = ", ".join(f"cast(null as {kind}) as {quote_ident(name)}" for name, kind in columns.items())
        return f"{head} select {empty} where false"
    where = _slots_hold(partly, entity)
    body = f"select {names} from {_files(used, store)} as rows where {where}"
    if _is_shared(entity, seen) or any(batch.load_mode != "full" for batch in used):
        body = _newest(body, entity, names)
    return f"{head} select {names} from ({body}) as current_rows where not is_deleted"


def _is_shared(entity: str, seen: Visible) -> bool:
    """Say whether two sources fill one slot, so that a key may come from both."""
    slots = [slot for name, _, slot in seen.owners if name == entity]
    return len(set(slots)) < len(slots)


def _slots_hold(partly: list[str], entity: str) -> str:
    """Write the condition that leaves out the slots of a delivery that a newer one has filled."""
    if not partly:
        return "true"
    listed = ", ".join(quote_literal(batch_id) for batch_id in partly)
    slots = f"select batch_id, slot from landed.current_slots where entity = {quote_literal(entity)}"
    return f"batch_id not in ({listed}) or (batch_id, slot) in ({slots})"


def _newest(body: str, entity: str, names: str) -> str:
    """Keep the newest row of each key."""
    key = ", ".join(f"rows.{quote_ident(name)}" for name in KEYS.get(entity, ("row_no",)))
    order = "rows.received_at desc, batches.accepted_no desc, rows.row_no desc"
    listed = ", ".join(f"rows.{name.strip()}" for name in names.split(","))
    return (
        f"select {listed} from ({body}) as rows inner join landed.batches using (batch_id) "
        f"qualify row_number() over (partition by {key} order by {order}) = 1"
    )


def _files(batches: Iterable[Batch], store: LocalStore) -> str:
    """Write the call that reads the accepted files of some deliveries."""
    paths = ", ".join(quote_literal(str(store.path(batch.key))) for batch in batches)
    return f"read_parquet([{paths}], hive_partitioning = false)"


def _land_changes(connection: Connection, store: LocalStore, seen: Visible) -> None:
    """Write the views of old and new rows of the slots that changed; in a first build, all rows are new."""
    before = {
        (row["entity"], row["source_id"], row["slot"]): row["batch_id"]
        for row in connection.rows("from landed.built_slots")
    }
    now = {place: batch_id for place, batch_id in seen.owners.items() if place[0] in DIFFED}
    adding = (batch for batch in seen.batches if batch.entity in DIFFED and batch.load_mode != "full")
    now |= {(batch.entity, batch.source_id, batch.batch_id): batch.batch_id for batch in adding}
    changed = {place for place in before.keys() | now.keys() if before.get(place) != now.get(place)}
    for entity in DIFFED:
        places = [place for place in changed if place[0] == entity]
        old, new = (
            _side(seen, store, entity, {(held[place], place[2]) for place in places if place in held})
            for held in (before, now)
        )
        both = f"select *, false as is_current from ({old}) union all select *, true as is_current from ({new})"
        connection.execute(f"create or replace view landed.changed_{entity} as {both}")
    rows = ((*place, batch_id) for place, batch_id in now.items())
    _table(connection, "current_diffed_slots", _SLOT_COLUMNS, rows)


def _side(seen: Visible, store: LocalStore, entity: str, places: set[tuple[str, str]]) -> str:
    """Write one side of the comparison: the rows of some (delivery, slot)."""
    columns = entity_columns()[entity]
    known = {batch.batch_id: batch for batch in (*seen.batches, *seen.unseen)}
    used = sorted({batch_id for batch_id, _ in places} & known.keys())
    if not used:
        empty = ", ".join(f"cast(null as {kind}) as {quote_ident(name)}" for name, kind in columns.items())
        return f"select {empty} where false"
    wanted = ", ".join(
        f"({quote_literal(batch_id)}, {quote_literal(slot)})"
        for batch_id, slot in sorted(places)
        if batch_id in known and known[batch_id].load_mode == "full"
    )
    adding = ", ".join(quote_literal(batch_id) for batch_id in used if known[batch_id].load_mode != "full")
    conditions = [f"(batch_id, slot) in ({wanted})"] if wanted else []
    conditions += [f"batch_id in ({adding})"] if adding else []
    names = ", ".join(quote_ident(name) for name in columns)
    source = _files((known[batch_id] for batch_id in used), store)
    return f"select {names} from {source} where {' or '.join(conditions)}"


def _land_tonight(connection: Connection, tonight: Tonight, news_on: date | None) -> None:
    """Write the night, and the day the data reach; the latter stays as it is while nothing new has come.

    A whole build of a quiet night tells the same day as the night did: the last school day up to the newest delivery.
    """
    texts = (tonight.build_id, tonight.district_id, tonight.code_version)
    values = ", ".join(quote_literal(text) for text in texts)
    build_id, district_id, code_version = values.split(", ")
    connection.execute(
        f"create or replace table landed.tonight as select date '{tonight.as_of}' as as_of, {build_id} as build_id, "
        f"{district_id} as district_id, {code_version} as code_version"
    )
    if news_on is not None:
        on = f"date '{news_on}'"
        connection.execute(
            f"create or replace table landed.through as select coalesce(max(on_date), {on}) as through_on, "
            f"date '{tonight.as_of}' as as_of, {build_id} as build_id from landed.calendar_days "
            f"where is_instructional and on_date <= {on} and (source_id = 'declared' or not exists ("
            "select 1 from landed.calendar_days as own where own.source_id = 'declared'))"
        )


def remember(
    connection: Connection, fingerprints: Mapping[str, str], changed: Collection[str], parts: Mapping[str, str]
) -> None:
    """Write down what a build has seen; in the transaction of its tables, so that the two never differ.

    Args:
        connection: The warehouse, in a transaction.
        fingerprints: Of everything landed.
        changed: The models the build made anew.
        parts: Of a model of which only parts were made anew, the condition of these; of no other.
    """
    for name, model in _REMEMBERED.items():
        if model not in changed:
            continue
        if where := parts.get(model):
            connection.execute(f"delete from landed.{name}{where}")
            connection.execute(f"insert into landed.{name} by name from main.{model}{where}")
        else:
            connection.execute(f"create or replace table landed.{name} as from main.{model}")
    connection.execute("create or replace table landed.built_slots as from landed.current_diffed_slots")
    _table(connection, "built_sources", dict.fromkeys(("name", "fingerprint"), "varchar"), fingerprints.items())
