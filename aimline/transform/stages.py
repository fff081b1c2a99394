"""Lay out the way from the inputs of one day to those of a later one, one class of inputs at a time.

Inputs change in the order: definitions, schools, calendar,
enrollment, data that came late, corrections. Within a delivery that replaces another, rows whose key was not there
are late and every other difference is a correction; the stage between the two is written as a delivery of its own.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from aimline.storage import TEMP, LocalStore
from aimline.transform.visible import Batch, Visible
from aimline.warehouse import MEMORY, Connection, connect, quote_ident, quote_literal
from schemas.declared import DECLARED
from schemas.fields import KEYS

LATE, CORRECTION = "late data", "corrections"

_CLASSES = (
    ("definition", frozenset(DECLARED)),
    ("school events", frozenset({"schools", "school_events"})),
    ("calendar", frozenset({"calendar_days"})),
    ("enrollment", frozenset({"enrollment", "student_attributes", "roster", "rooms"})),
)


@dataclass(frozen=True)
class Stage:
    """What a build may see between two days.

    Attributes:
        cause: The class of inputs that is the later day's here and the earlier day's one stage before; empty at first.
        seen: The inputs.
        is_late: Whether what came late is there, and with it what the later day knows of time.
    """

    cause: str
    seen: Visible
    is_late: bool


@dataclass(frozen=True)
class _Mixed(Batch):
    """A delivery made of two, kept beside what is unfinished."""

    folder: str

    @property
    def key(self) -> str:
        """Return the key of its rows."""
        return f"{TEMP}/{self.folder}/{self.batch_id}.parquet"


Place = tuple[str, str, str]


def stages(store: LocalStore, seen: tuple[Visible, Visible], folder: str) -> list[Stage]:
    """Return the stages from the earlier inputs to the later ones; classes without news have none.

    Args:
        store: The state root.
        seen: What the two days may see.
        folder: A folder for unfinished work in which deliveries made of two are written.
    """
    before, after = seen
    found, taken = [Stage("", before, is_late=False)], set[str]()
    for cause, entities in _CLASSES:
        taken |= entities
        now = _with(seen, taken)
        if now.fingerprints() != found[-1].seen.fingerprints():
            found.append(Stage(cause, now, is_late=False))
    late = _late(store, seen, taken, folder)
    is_news = late.fingerprints() != found[-1].seen.fingerprints()
    if is_news:
        found.append(Stage(LATE, late, is_late=True))
    if after.fingerprints() != found[-1].seen.fingerprints() or not is_news:
        found.append(Stage(CORRECTION, after, is_late=True))
    every = {batch.batch_id: batch for batch in (*after.batches, *late.batches)}
    return [replace(each, seen=replace(each.seen, unseen=tuple(every.values()))) for each in found]


def _with(seen: tuple[Visible, Visible], entities: Collection[str]) -> Visible:
    """Return the earlier inputs with some entities as they are later."""
    before, after = seen
    known = {batch.batch_id for batch in before.batches}
    batches = tuple(batch for batch in after.batches if batch.entity in entities or batch.batch_id in known)
    owners = {place: batch for place, batch in before.owners.items() if place[0] not in entities}
    owners |= {place: batch for place, batch in after.owners.items() if place[0] in entities}
    return replace(before, batches=batches, owners=owners)


def _late(store: LocalStore, seen: tuple[Visible, Visible], taken: Collection[str], folder: str) -> Visible:
    """Return the later inputs without their corrections."""
    before, after = seen
    mixed = list(_mixed_slots(store, seen, taken, folder)) + list(_mixed_additions(store, seen, taken, folder))
    owners = dict(after.owners)
    owners |= {(each.entity, each.source_id, slot): each.batch_id for each in mixed for slot in each.slots}
    owners |= {place: owner for place, owner in before.owners.items() if place not in after.owners}
    known = {batch.batch_id for batch in before.batches} | set(owners.values())
    kept = [batch for batch in after.batches if batch.entity in taken or batch.batch_id in known]
    batches = sorted([*kept, *mixed], key=lambda batch: (batch.received_at, batch.accepted_no))
    return replace(after, batches=tuple(batches), owners=owners)


def _mixed_slots(
    store: LocalStore, seen: tuple[Visible, Visible], taken: Collection[str], folder: str
) -> Iterator[_Mixed]:
    """Yield, for each pair of deliveries of which one replaced the other, the old rows and the new keys."""
    before, after = seen
    pairs: dict[tuple[str, str], list[Place]] = {}
    for place, owner in before.owners.items():
        newer = after.owners.get(place, owner)
        if newer != owner and place[0] not in taken:
            pairs.setdefault((owner, newer), []).append(place)
    batches = {batch.batch_id: batch for batch in after.batches}
    for number, ((owner, newer), places) in enumerate(sorted(pairs.items())):
        old, new = batches[owner], batches[newer]
        slots = tuple(place[2] for place in places)
        listed = ", ".join(quote_literal(slot) for slot in slots)
        sides = [f"select * from {_file(store, each)} where slot in ({listed})" for each in (old, new)]
        made = _Mixed(**{**vars(new), "batch_id": f"mixed-slots-{number}", "slots": slots}, folder=folder)
        with connect(MEMORY, role="memory") as connection:
            _write(connection, store, made, f"{sides[0]} union all by name {_unknown(sides[1], sides[0], new.entity)}")
        yield made


def _mixed_additions(
    store: LocalStore, seen: tuple[Visible, Visible], taken: Collection[str], folder: str
) -> Iterator[_Mixed]:
    """Yield, for each delivery that adds to others, its rows of keys that were not there."""
    before, after = seen
    known = {batch.batch_id for batch in before.batches}
    for new in after.batches:
        if new.load_mode == "full" or new.entity in taken or new.batch_id in known:
            continue
        old = [batch for batch in before.batches if batch.entity == new.entity]
        side = f"select * from {_file(store, new)} where not is_deleted"
        made = _Mixed(**{**vars(new), "batch_id": f"mixed-{new.batch_id}", "slots": ()}, folder=folder)
        with connect(MEMORY, role="memory") as connection:
            held = f"select * from {_file(store, *old)}" if old else ""
            _write(connection, store, made, _unknown(side, held, new.entity) if held else side)
        yield made


def _unknown(rows: str, held: str, entity: str) -> str:
    """Write the query of the rows whose key is not held; rows without a declared key are known by their number."""
    same = " and ".join(
        f"held.{quote_ident(name)} is not distinct from rows.{quote_ident(name)}"
        for name in KEYS.get(entity, ("row_no",))
    )
    return f"select * from ({rows}) as rows where not exists (select 1 from ({held}) as held where {same})"


def _file(store: LocalStore, *batches: Batch) -> str:
    paths = ", ".join(quote_literal(str(store.path(batch.key))) for batch in batches)
    return f"read_parquet([{paths}], hive_partitioning = false, union_by_name = true)"


def _write(connection: Connection, store: LocalStore, made: _Mixed, query: str) -> None:
    """Write the rows of a delivery made of two under its own name."""
    rows = f"select * replace ({quote_literal(made.batch_id)} as batch_id) from ({query})"
    connection.execute(f"copy ({rows}) to {quote_literal(str(store.path(made.key)))} (format parquet)")
