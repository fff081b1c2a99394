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
from aimline.sources.edfi_shapes import BY_ENTITY, SHAPES, Record, Shape, flat, person
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
    if strange := [name for name in wanted if name not in BY_ENTITY]:
        raise SourcePermanentError(
            f"no resource of an Ed-Fi host fills {strange[0]}.", remedy=f"Entities: {', '.join(sorted(BY_ENTITY))}."
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
    stop: dict[str, str] | None = None

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
        states = {shape.entity: _opened(shape, asked) for shape in self.shapes}
        is_full = True
        if newest is not None and since is not None and since <= newest:
            self._apply(states, Window(since + 1, newest))
            is_full = self._is_due(asked)
        found = {state: self._whole(state, newest) for state in states.values()} if is_full else {}
        parts = [
            part
            for state in states.values()
            if (part := self._part(asked.to, state, found.get(state), is_first=since is None)) is not None
        ]
        held = frozenset(entity for entity, state in states.items() if state.stop)
        if held:
            return Pull(parts, {**asked.cursor, "is_due": True}, held)
        full_on = asked.as_of.isoformat() if is_full else asked.cursor["full_on"]
        return Pull(parts, {"version": newest, "full_on": full_on, "entities": sorted(states)})

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
        for entity, state in states.items():
            for change in self.host.tracked(state.shape.resource, "keyChanges", window):
                state.change_key(change)
            served[entity] = state.put(self.host.rows(state.shape.resource, window))
        for entity, state in reversed(list(states.items())):
            for gone in self.host.tracked(state.shape.resource, "deletes", window):
                if str(gone["id"]) not in served[entity]:  # what was served a moment ago is there
                    state.records.pop(str(gone["id"]), None)

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

    def _part(self, to: Path, state: "_State", n_drifted: int | None, *, is_first: bool) -> Part | None:
        """Write a state down; None where it is what was written down before."""
        records = state.listed()
        if records == state.before and state.number and state.stop is None:
            return None
        notes = {"edfi_drift": n_drifted} if n_drifted and not is_first else {}
        notes |= {"limit_lowered": 1} if self.host.is_limit_lowered else {}
        header: dict[str, Any] = {"entity": state.shape.entity, "n": state.number + 1, "notes": notes}
        header |= {"stop": state.stop} if state.stop else {}
        path = to / f"{state.shape.entity}.jsonl.gz"
        write_part(path, header, records)
        return Part(state.shape.entity, path)


def _opened(shape: Shape, asked: Asked) -> _State:
    """Return what was kept last of a resource: what was written down last, or let in by a person since."""
    paths = [found[shape.entity] for found in (asked.before, asked.accepted) if shape.entity in found]
    written = max(map(read_part, paths), key=lambda each: int(each.header["n"]), default=None)
    state = _State(shape, asked.door)
    if written is not None:
        state.records = {record["id"]: dict(record) for record in written.records}
        state.before, state.number = [dict(record) for record in written.records], int(written.header["n"])
    return state


def _stop(shape: Shape, before: Mapping[str, Record], now: Mapping[str, Record]) -> dict[str, str] | None:
    """Return why a full pull is held: an answer with far fewer records says what we may see, not what there is."""
    most, share = _LEAST_SHARE
    if len(now) * share < len(before) * most:
        return {"code": "rows_shrunk", "detail": f"{len(now):,} {shape.resource}, {len(before):,} before"}
    missing = _schools(before) - _schools(now)
    if missing and shape.entity != "schools":
        return {"code": "unit_missing", "detail": f"{len(missing)} schools have no {shape.resource} any more"}
    return None


def _schools(records: Mapping[str, Record]) -> set[str]:
    return {text for record in records.values() if (text := record.get("schoolReference.schoolId"))}


def _changed(message: str) -> SourcePermanentError:
    return SourcePermanentError(message, remedy=FAULTS["edfi_contract_changed"].remedy, code="edfi_contract_changed")
