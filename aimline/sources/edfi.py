"""Pull from an Ed-Fi host what has changed, so that what is kept becomes what the host has.

What is written down of a resource is its whole state: that of the last pull, with the key changes, the records and the
deletes of the change versions since. Once a week, and wherever the host keeps no changes, all is read and compared; a
record that then differs without a change that tells of it is mended and counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aimline.errors import SourcePermanentError
from aimline.sources.edfi_host import EdfiHost, Window
from aimline.sources.edfi_shapes import ENTITIES, OF, SHAPES, Record, Shape, flat, is_made_of_several, person
from aimline.sources.pulled import Asked, Door, Part, Pull, read_part, write_part
from aimline.sources.secrets import secret_of
from schemas.faults import FAULTS

if TYPE_CHECKING:
    from schemas.sources import Source

_WEEK = timedelta(days=7)
_STANDARDS = ("3", "4", "5")
_LEAST_SHARE = (4, 5)


def edfi_source(source: "Source") -> "EdfiSource":
    """Return the connector of a declared source.

    Raises:
        SourcePermanentError: Its secret is not there, or it feeds an entity that no resource fills.
    """
    wanted = source.entities or (source.entity,)
    if strange := [name for name in wanted if name not in ENTITIES]:
        raise SourcePermanentError(
            f"no resource of an Ed-Fi host fills {strange[0]}.", remedy=f"Entities: {', '.join(sorted(ENTITIES))}."
        )
    extra = tuple(name for column in source.columns for name in column.from_)
    shapes = [replace(shape, kept=(*shape.kept, *_others(shape, extra))) for shape in SHAPES if shape.entity in wanted]
    return EdfiSource(EdfiHost(source.transport.url, secret_of(source.transport.secret or "")), shapes)


def _others(shape: Shape, extra: Sequence[str]) -> tuple[str, ...]:
    """Return the fields somebody declared that are not written down anyway."""
    known = {*shape.fields, *shape.made(dict.fromkeys(("id", *shape.fields), ""))}
    return tuple(name for name in dict.fromkeys(extra) if name not in known)


@dataclass(eq=False)
class _State:
    """The records of one resource by the host's id, what was written down of them last, and why they are held."""

    shape: Shape
    door: Door
    records: dict[str, Record] = field(default_factory=dict)
    before: list[Record] = field(default_factory=list)
    number: int = 0
    stop: dict[str, Any] | None = None

    def listed(self) -> list[Record]:
        """Return the records in the order in which they are written down."""
        return sorted(self.records.values(), key=lambda record: (self._named(record), record["id"]))

    def kept(self, told: Mapping[str, Any]) -> Record:
        """Return what is kept of a record."""
        found = flat(told, [name for name in self.shape.fields if not self.door.drops(name.rpartition(".")[2])])
        return {name: self._key(name, text) for name, text in found.items()} | {"id": str(told["id"])}

    def _key(self, name: str, text: str) -> str:
        kind = person(name)
        return self.door.key(kind, text) if kind and text else text

    def change_key(self, change: Mapping[str, Any]) -> None:
        """Rewrite the key of a record that is kept."""
        record = self.records.get(str(change["id"]))
        if record is None:
            return
        values = {name: _text(value) for name, value in change["newKeyValues"].items()}
        leaves = {name: name.rpartition(".")[2] for name in self.shape.key}
        new = {name: self._key(name, values[leaf]) for name, leaf in leaves.items() if leaf in values}
        self.records[record["id"]] = record | new

    def put(self, rows: Sequence[Mapping[str, Any]]) -> set[str]:
        """Keep records as they are now; of others that had their key nothing is left. Return their ids."""
        new = {record["id"]: record for record in map(self.kept, rows)}
        keys = {self._named(record) for record in new.values()}
        others = {each: old for each, old in self.records.items() if each in new or self._named(old) not in keys}
        self.records = others | new
        return set(new)

    def drop(self, gone: Mapping[str, Any], served: set[str]) -> None:
        """Take a deleted record away, by its id and by its key; what was served a moment ago is there."""
        values = {name: _text(value) for name, value in gone.get("keyValues", {}).items()}
        key = tuple(self._key(name, values.get(name.rpartition(".")[2], "")) for name in self.shape.key)
        kept = self.records.items()
        gone_ids = {each for each, record in kept if each == str(gone["id"]) or self._named(record) == key}
        for each in gone_ids - served:
            del self.records[each]

    def _named(self, record: Record) -> tuple[str, ...]:
        return tuple(record.get(name, "") for name in self.shape.key)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class EdfiSource:
    """One host, and the resources that are wanted of it."""

    def __init__(self, host: EdfiHost, shapes: Sequence[Shape]) -> None:
        """Pull these resources; nothing is sent yet."""
        self.host = host
        self.shapes = tuple(shapes)

    def pull(self, asked: Asked) -> Pull:
        """Ask for what has changed since the last pull, or once a week for everything.

        Raises:
            SourceTransientError: The host did not answer; a later try may work.
            SourcePermanentError: The host refuses, or is not what was declared.
        """
        try:
            return self._pulled(asked)
        finally:
            self.host.close()

    def _pulled(self, asked: Asked) -> Pull:
        self._check_contract()
        newest, since = self.host.newest(), asked.cursor.get("version")
        states = {shape.resource: _opened(shape, asked) for shape in self.shapes}
        is_full = True
        if newest is not None and since is not None and since <= newest:
            self._apply(states, Window(since + 1, newest))
            is_full = self._is_due(asked)
        drift = {name: self._whole(state, newest) for name, state in states.items()} if is_full else {}
        parts, held = [], set()
        for entity in dict.fromkeys(shape.entity for shape in self.shapes):
            own = [state for state in states.values() if state.shape.entity == entity]
            n_drifted = sum(drift.get(state.shape.resource, 0) for state in own)
            parts += self._written(asked.to, own, n_drifted if since is not None else 0)
            held |= {entity for state in own if state.stop}
        if held:
            return Pull(parts, {**asked.cursor, "is_due": True}, frozenset(held))
        full_on = asked.as_of.isoformat() if is_full else asked.cursor["full_on"]
        entities = sorted({shape.entity for shape in self.shapes})
        return Pull(parts, {"version": newest, "full_on": full_on, "entities": entities})

    def _is_due(self, asked: Asked) -> bool:
        """Say whether everything is to be read: a week has passed, another entity is wanted, or it was held."""
        told = asked.cursor
        is_old = asked.as_of >= date.fromisoformat(told["full_on"]) + _WEEK
        wanted = {shape.entity for shape in self.shapes}
        return is_old or bool(told.get("is_due")) or not wanted <= set(told["entities"])

    def _check_contract(self) -> None:
        """Compare the fields that are needed with those the host describes.

        Raises:
            SourcePermanentError: One is missing, or the data standard is none that is known.
        """
        standard = self.host.data_standard
        if not standard.startswith(_STANDARDS):
            raise _changed(f"the host serves data standard {standard or 'unknown'}, not 3, 4 or 5.")
        for shape in self.shapes:
            fields = self.host.fields(shape.resource)
            for name in (*shape.key, *shape.needed):
                head, _, below = name.partition(".")
                there = head in fields and (not below or below in self.host.below(fields[head]))
                if not there:
                    raise _changed(f"{shape.resource} has no {name} any more.")

    def _apply(self, states: Mapping[str, "_State"], window: Window) -> None:
        """Bring the states up to the end of a window: key changes, then records, then deletes in reverse order."""
        if window.first > window.last:
            return
        served: dict[str, set[str]] = {}
        for resource, state in states.items():
            for change in self.host.tracked(state.shape.resource, "keyChanges", window):
                state.change_key(change)
            served[resource] = state.put(self.host.rows(state.shape.resource, window))
        for resource, state in reversed(list(states.items())):
            for gone in self.host.tracked(state.shape.resource, "deletes", window):
                state.drop(gone, served[resource])

    def _whole(self, state: "_State", newest: int | None) -> int:
        """Read everything of a resource; return how many records differ though no change tells of it.

        What is missing is asked for one by one: a record that was changed while all was read is there all the same.
        """
        resource, before = state.shape.resource, state.records
        fresh = _State(state.shape, state.door)
        fresh.put(self.host.rows(resource, Window(0, newest) if newest is not None else None))
        gone = before.keys() - fresh.records.keys()
        state.stop = _stop(state.shape, before, fresh.records)
        if state.stop is None:
            fresh.put([found for each in sorted(gone) if (found := self.host.find(resource, each)) is not None])
        late = self._since(resource, newest)
        state.records = fresh.records
        differing = {each for each in before | fresh.records if before.get(each) != fresh.records.get(each)}
        return len(differing - late) if newest is not None else 0

    def _since(self, resource: str, newest: int | None) -> set[str]:
        """Return the ids of the records that changed or went while everything was read."""
        now = self.host.newest() if newest is not None else None
        if newest is None or now is None or now <= newest:
            return set()
        window = Window(newest + 1, now)
        found = [*self.host.rows(resource, window), *self.host.tracked(resource, "deletes", window)]
        return {str(each["id"]) for each in found}

    def _written(self, to: Path, states: Sequence["_State"], n_drifted: int) -> list[Part]:
        """Write the states of one entity down; nothing where they are what was written down before."""
        number, entity = states[0].number, states[0].shape.entity
        stop = next((state.stop for state in states if state.stop), None)
        records = [_marked(state, record) for state in states for record in state.listed()]
        if number and stop is None and records == [_marked(state, each) for state in states for each in state.before]:
            return []
        notes = {"edfi_drift": n_drifted} if n_drifted else {}
        notes |= {"limit_lowered": 1} if self.host.is_limit_lowered else {}
        header: dict[str, Any] = {"entity": entity, "n": number + 1, "notes": notes}
        path = to / f"{entity}.jsonl.gz"
        write_part(path, header | ({"stop": stop} if stop else {}), records)
        return [Part(entity, path)]


def _marked(state: _State, record: Record) -> Record:
    """Return a record with its resource, where an entity is made of several."""
    return record | {OF: state.shape.resource} if is_made_of_several(state.shape.entity) else record


def _opened(shape: Shape, asked: Asked) -> _State:
    """Return what was kept last of a resource: what was written down last, or let in by a person since."""
    paths = [found[shape.entity] for found in (asked.before, asked.accepted) if shape.entity in found]
    written = max(map(read_part, paths), key=lambda each: int(each.header["n"]), default=None)
    state = _State(shape, asked.door)
    if written is not None:
        kept = [dict(record) for record in written.records if record.get(OF, shape.resource) == shape.resource]
        state.before = [{name: text for name, text in record.items() if name != OF} for record in kept]
        state.records = {record["id"]: record for record in state.before}
        state.number = int(written.header["n"])
    return state


def _stop(shape: Shape, before: Mapping[str, Record], now: Mapping[str, Record]) -> dict[str, Any] | None:
    """Return why a full pull is held: an answer with far fewer records says what we may see, not what there is."""
    most, share = _LEAST_SHARE
    missing = _schools(before) - _schools(now)
    told = {"notes": ["claims_narrowed"]} if missing else {}
    if len(now) * share < len(before) * most:
        return {"code": "rows_shrunk", "detail": f"{len(now):,} {shape.resource}, {len(before):,} before"} | told
    if missing and shape.entity != "schools":
        return {"code": "unit_missing", "detail": f"{len(missing)} schools have no {shape.resource} any more"} | told
    return None


def _schools(records: Mapping[str, Record]) -> set[str]:
    return {text for record in records.values() if (text := record.get("schoolReference.schoolId"))}


def _changed(message: str) -> SourcePermanentError:
    return SourcePermanentError(message, remedy=FAULTS["edfi_contract_changed"].remedy, code="edfi_contract_changed")
