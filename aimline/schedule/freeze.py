"""Keep the versions of a year's plan: dates that people have seen, what changed and why, and who hears of it.

A version is written once and never again; two people who freeze at once get two numbers or one refusal. Whether a plan
may be frozen is judged here, its dates come from ``proposal``. Source: schedule.md 5.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Protocol

from aimline._declared_files import shaped
from aimline._yaml import read_tree
from aimline.errors import Finding
from aimline.schedule.causes import Causes
from aimline.schedule.items import Change, FrozenPlan, Item
from aimline.schedule.people import People
from schemas.years import YearFile

FROZEN = "calendar_frozen"
"""The event of a version."""

_DATES = ("opens_on", "closes_on", "due_on")
_TOLD = (*_DATES, "owner")


class Store(Protocol):
    """What keeps versions: keys with bytes."""

    def keys(self, prefix: str = "") -> list[str]:
        """Return the keys below a folder."""

    def read(self, key: str) -> bytes:
        """Return the bytes of a key."""

    def put_if_absent(self, key: str, data: bytes) -> bool:
        """Write a key once; say whether it was written."""


def version_key(school_year: int, version: int) -> str:
    """Return the key of one version of a year."""
    return f"calendar/{school_year}/v{version:03d}.json"


def inputs_key(school_year: int, sha256: str) -> str:
    """Return the key of the year file that versions were made from, by its digest."""
    return f"calendar/{school_year}/inputs/{sha256}.yml"


def frozen_year(store: Store, plan: FrozenPlan) -> YearFile | None:
    """Return the year file a version was made from; None where it is not kept."""
    key = inputs_key(plan.school_year, plan.inputs_sha256)
    if key not in store.keys(f"calendar/{plan.school_year}/inputs"):
        return None
    return shaped(read_tree(key, store.read(key)), YearFile).shape


def history(store: Store | None, school_year: int, until: date | None = None) -> tuple[FrozenPlan, ...]:
    """Return the frozen versions of a year in their order.

    Args:
        store: The state root; None where there is none yet.
        school_year: The year.
        until: Only versions as of this day or an earlier one.
    """
    if store is None:
        return ()
    folder = f"calendar/{school_year}"
    names = [key for key in store.keys(folder) if key.startswith(f"{folder}/v") and key.endswith(".json")]
    found = (read_plan(store.read(key)) for key in sorted(names))
    return tuple(plan for plan in found if until is None or plan.as_of <= until)


def current(store: Store | None, school_year: int, as_of: date) -> FrozenPlan | None:
    """Return the newest version as of a day; None before the first."""
    found = history(store, school_year, as_of)
    return found[-1] if found else None


def plan_bytes(plan: FrozenPlan) -> bytes:
    """Write a version as the bytes of its file."""
    told = {
        "deployment": plan.deployment,
        "school_year": plan.school_year,
        "version": plan.version,
        "as_of": plan.as_of,
        "frozen_at": plan.frozen_at.astimezone(UTC).isoformat(timespec="seconds") if plan.frozen_at else None,
        "frozen_by": plan.frozen_by,
        "reason": plan.reason,
        "inputs_sha256": plan.inputs_sha256,
        "items": [dict(vars(item)) for item in plan.items],
        "changes": [dict(vars(change)) for change in plan.changes],
        "notify": list(plan.notify),
    }
    return json.dumps(told, indent=1, ensure_ascii=False, default=str).encode() + b"\n"


def read_plan(raw: bytes) -> FrozenPlan:
    """Read a version from the bytes of its file."""
    held = json.loads(raw)
    return FrozenPlan(
        deployment=held["deployment"],
        school_year=held["school_year"],
        version=held["version"],
        as_of=date.fromisoformat(held["as_of"]),
        frozen_at=datetime.fromisoformat(held["frozen_at"]) if held["frozen_at"] else None,
        items=tuple(_read_item(each) for each in held["items"]),
        changes=tuple(Change(**each) for each in held["changes"]),
        frozen_by=held["frozen_by"],
        reason=held["reason"],
        inputs_sha256=held["inputs_sha256"],
        notify=tuple(held["notify"]),
    )


def _read_item(held: Mapping[str, Any]) -> Item:
    days = {name: date.fromisoformat(held[name]) if held[name] else None for name in _DATES}
    return Item(**{**held, **days, "depends_on": tuple(held["depends_on"])})


def causes_since(store: Store | None, before: FrozenPlan | None, new: YearFile, old: YearFile | None = None) -> Causes:
    """Return what can have moved a date since a version.

    Args:
        store: The state root.
        before: The version; None where there is none.
        new: The year file as it is now.
        old: The year file as it was, where there is no version.
    """
    kept = frozen_year(store, before) if store and before else None
    return Causes(kept or (None if before else old), new)


def numbered(before: FrozenPlan | None, items: Iterable[Item]) -> tuple[Item, ...]:
    """Return items with the version that last gave each its dates; 0 of those that no version has."""
    known = {item.id: item.frozen_version for item in before.items} if before else {}
    return tuple(replace(item, frozen_version=known.get(item.id, 0)) for item in items)


def changes_between(old: FrozenPlan | None, items: Iterable[Item], causes: Causes) -> tuple[Change, ...]:
    """Return what differs between a version and other items, each with its cause; nothing before the first version."""
    if old is None:
        return ()
    before, now = {item.id: item for item in old.items}, {item.id: item for item in items}
    every = sorted((before | now).items())
    return tuple(
        change for name, item in every for change in _changes_of(item, before.get(name), now.get(name), causes)
    )


def _changes_of(item: Item, old: Item | None, new: Item | None, causes: Causes) -> Iterator[Change]:
    for field in _TOLD:
        was, now = (getattr(each, field) if each else None for each in (old, new))
        if was != now:
            cause = causes.of(item, was, now) if old and new else causes.of_item(item, is_new=old is None)
            yield Change(item.id, field, _text(was), _text(now), cause)


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True)
class Freezing:
    """Who freezes, when, why, and from which files."""

    by: str
    reason: str
    at: datetime
    inputs_sha256: str


def next_version(
    before: Sequence[FrozenPlan], proposed: FrozenPlan, changes: Sequence[Change], freezing: Freezing
) -> FrozenPlan:
    """Return the version after those there are; an item keeps the number of the version that last gave it its dates."""
    version = before[-1].version + 1 if before else 1
    old = {item.id: item for item in before[-1].items} if before else {}
    items = tuple(replace(item, frozen_version=_number(old.get(item.id), item, version)) for item in proposed.items)
    return replace(
        proposed,
        version=version,
        frozen_at=freezing.at,
        items=items,
        changes=tuple(changes),
        frozen_by=freezing.by,
        reason=freezing.reason,
        inputs_sha256=freezing.inputs_sha256,
    )


def _number(old: Item | None, new: Item, version: int) -> int:
    if old and all(getattr(old, name) == getattr(new, name) for name in _DATES):
        return old.frozen_version
    return version


def affected(plan: FrozenPlan, before: FrozenPlan | None, people: People) -> dict[str, tuple[Change, ...]]:
    """Return the people who hear of a version with the changes that concern each: owners and deputies, old and new."""
    items = [*(before.items if before else ()), *plan.items]
    owners: dict[str, set[str]] = {}
    for item in items:
        if item.owner:
            owners.setdefault(item.id, set()).add(item.owner)
    found: dict[str, list[Change]] = {}
    for change in plan.changes:
        roles = sorted(owners.get(change.id, ()))
        deputies = [deputy for role in roles if (deputy := people.deputy(role))]
        for person in dict.fromkeys(_active(people, role, plan.as_of) for role in (*roles, *deputies)):
            if person is not None:
                found.setdefault(person, []).append(change)
    return {person: tuple(each) for person, each in sorted(found.items())}


def _active(people: People, role: str, on: date) -> str | None:
    return people.owner(role, on).person


def message(plan: FrozenPlan, before: FrozenPlan | None, changes: Sequence[Change]) -> str:
    """Write what one person is told of a version: old date, new date, cause, slack before and after."""
    lines = [f"{plan.deployment}: version {plan.version} of the plan of {plan.school_year}", "", f"{plan.reason}", ""]
    for change in changes:
        old, new = before.item(change.id) if before else None, plan.item(change.id)
        slack = f"slack {_slack(old)} before, {_slack(new)} now"
        lines.append(
            f"- {change.id} {change.field}: {change.old or 'none'} → {change.new or 'none'} ({change.cause}); {slack}"
        )
    return "\n".join(lines) + "\n"


def _slack(item: Item | None) -> str:
    if item is None or item.slack_school_days is None:
        return "none"
    return f"{item.slack_school_days} school {'day' if abs(item.slack_school_days) == 1 else 'days'}"


def drift(plan: FrozenPlan, changes: Iterable[Change], place: Mapping[str, tuple[str, int, int]]) -> Iterator[Finding]:
    """Yield a finding for every item whose frozen day is not the one that rules give now.

    Args:
        plan: The version in force.
        changes: What the rules give instead.
        place: File, line and column by item.
    """
    seen: set[str] = set()
    for change in changes:
        item = plan.item(change.id)
        if item is None or change.id in seen or change.field not in _DATES:
            continue
        seen.add(change.id)
        file, line, column = place.get(change.id, (inputs_key(plan.school_year, plan.inputs_sha256), 1, 1))
        text = f"frozen v{plan.version} says {change.old}, rules now give {change.new}: {change.cause}"
        remedy = f"run aimline plan {plan.deployment} --freeze"
        yield Finding(
            file,
            line,
            column,
            change.id,
            f"{text};",
            remedy,
            severity="warning",
            code="calendar_drifted",
            on_date=date.fromisoformat(change.old) if change.old else None,
        )
