"""Explain a figure from the page back to the files: its row, its definition, the tables it is made by, the deliveries.

Reads the warehouse as it stands and the journal. Whether a figure may be shown is not judged here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from aimline.errors import UsageError
from aimline.journal import Journal
from aimline.ledger.asof import built_key
from aimline.ledger.releases import SNAPSHOT, current
from aimline.ledger.restate import Counts, sealed_values
from aimline.storage import LocalStore
from aimline.transform import lineage
from aimline.warehouse import Connection, connect, quote_literal
from schemas.declared import DECLARED
from schemas.published import FIGURE_KEY, figure_bits_sql, read_bits_sql

_FIGURE = re.compile(r"fig_[a-z2-7]{12}")
_YEAR = re.compile(r"(?:^|\D)(20\d\d)$")
_COUNTED = (
    *(
        "period_starts_on",
        "period_ends_on",
        "numerator",
        "denominator",
        "value",
        "value_unit",
        "n_people",
        "n_eligible",
    ),
    *("n_unmeasured", "quality_state", "hold_reason", "is_duplicated", "population_id", "as_of", "build_id"),
)


@dataclass(frozen=True)
class Delivery:
    """One delivery with rows that a figure may rest on.

    Attributes:
        entity: What it holds.
        source_id: The declared source.
        name: The file.
        sha256: Digest of its bytes.
        received_at: When it came.
        n_accepted: Its accepted rows.
        slots: The parts of the entity it fills.
    """

    entity: str
    source_id: str
    name: str
    sha256: str
    received_at: str
    n_accepted: int
    slots: tuple[str, ...]


@dataclass(frozen=True)
class Explained:
    """Where one figure comes from.

    Attributes:
        figure_id: Its id.
        key: The columns that name it.
        counted: What was counted, and how well.
        definition: The definition in words; empty where the measure has one definition only.
        definition_version: Twelve digits that change with it.
        models: The tables it is made by, the first reads deliveries, the last is its measure.
        shown: How the current release shows it to each reader.
        deliveries: What it rests on.
        sealed: What official snapshots hold for it; it stays, whatever is known since.
    """

    figure_id: str
    key: Mapping[str, Any]
    counted: Mapping[str, Any]
    definition: str
    definition_version: str
    models: tuple[str, ...]
    shown: tuple[Mapping[str, Any], ...]
    deliveries: tuple[Delivery, ...]
    sealed: tuple[Mapping[str, Any], ...] = ()


def explain(store: LocalStore, journal: Journal, figure_id: str, as_of: date | None = None) -> Explained:
    """Explain one figure of the newest build, or of the build of an earlier day.

    Raises:
        UsageError: There is no such figure, or no such build.
    """
    if not _FIGURE.fullmatch(figure_id):
        raise UsageError(f"'{figure_id[:40]}' is no figure.", remedy="Give the id of a figure: fig_ and 12 characters.")
    with connect(store.path(built_key(store, journal, as_of)), role="build", read_only=True) as connection:
        row = _row(connection, figure_id)
        models, entities = lineage(store, f"msr_{row['measure_id']}")
        batches = _batches(connection, [each for each in entities if each not in DECLARED], row)
        told = connection.rows(
            "select sentence_en from dim_profiles where profile_id = $profile_id and measure_id = $measure_id",
            {name: row[name] for name in ("profile_id", "measure_id")},
        )
    return Explained(
        figure_id,
        {name: row[name] for name in FIGURE_KEY},
        {name: row[name] for name in _COUNTED},
        told[0]["sentence_en"] if told else "",
        row["definition_version"],
        models,
        tuple(_shown(store, figure_id)),
        tuple(_deliveries(journal, batches)),
        tuple(_sealed(store, journal, row, figure_id)),
    )


def _sealed(store: LocalStore, journal: Journal, row: Mapping[str, Any], figure_id: str) -> Iterator[Mapping[str, Any]]:
    """Yield each sealed value, and whether the figure has been restated since."""
    now = Counts(row["numerator"], row["denominator"])
    for event, counts in sealed_values(store, journal, figure_id):
        told = {"snapshot_id": event.subject_id, "as_of": event.as_of, "numerator": counts.numerator}
        told |= {"denominator": counts.denominator, "value": counts.value}
        yield told | {"is_restated": counts != now}


def _row(connection: Connection, figure_id: str) -> dict[str, Any]:
    same = f"{figure_bits_sql('measures')} = {read_bits_sql(quote_literal(figure_id))}"
    found = connection.rows(f"select * from fct_measures as measures where {same}")
    if not found:
        remedy = "Take an id from a page of this district; a figure of a review has another one."
        raise UsageError(f"no figure '{figure_id}' in the newest build.", remedy=remedy)
    return found[0]


def _batches(connection: Connection, entities: Iterable[str], row: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return the deliveries that fill the parts a figure may rest on, with these parts."""
    wanted = list(entities)
    slots = connection.rows(
        "select batch_id, slot from landed.current_slots where list_contains($wanted, entity)"
        " union all select batch_id, null from landed.batches"
        " where load_mode <> 'full' and list_contains($wanted, entity) order by batch_id, slot",
        {"wanted": wanted},
    )
    found: dict[str, tuple[str, ...]] = {}
    for each in slots:
        slot = each["slot"]
        if slot is None or _may_matter(slot, row):
            found[each["batch_id"]] = (*found.get(each["batch_id"], ()), *([slot] if slot else ()))
    return found


def _may_matter(slot: str, row: Mapping[str, Any]) -> bool:
    """Say whether a part of an entity may hold rows of a figure: a day of its period, its school year, or neither."""
    try:
        day = date.fromisoformat(slot)
    except ValueError:
        year = _YEAR.search(slot)
        return year is None or int(year[1]) == row["school_year"]
    return bool(row["period_starts_on"] <= day <= row["period_ends_on"])


def _deliveries(journal: Journal, batches: Mapping[str, tuple[str, ...]]) -> Iterator[Delivery]:
    """Yield the deliveries as the journal tells of them, in the order they were received."""
    for event in journal.events("batch_accepted"):
        if event.subject_id in batches:
            payload = event.payload
            names = ("entity", "source_id", "name", "sha256", "received_at")
            told: dict[str, Any] = {name: str(payload.get(name, "")) for name in names}
            yield Delivery(**told, n_accepted=int(payload["n_accepted"]), slots=batches[event.subject_id])


def _shown(store: LocalStore, figure_id: str) -> Iterator[Mapping[str, Any]]:
    """Yield how the current release shows a figure to each of its readers."""
    release = current(store)
    if release is None:
        return
    path = store.path(f"releases/{release.release_id}/{SNAPSHOT}")
    with connect(path, role="release", read_only=True) as connection:
        rows = connection.rows(
            "select audience_id, reader_unit_id, value_text from rpt_measures where figure_id = $figure_id"
            " order by audience_id, reader_unit_id",
            {"figure_id": figure_id},
        )
    yield from ({"release_id": release.release_id, **row} for row in rows)
