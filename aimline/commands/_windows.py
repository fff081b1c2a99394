"""Gather what the journal and the deployment tell of a window, for its guards to judge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from aimline.arrival.windows import AFTER_SEAL, WindowDays
from aimline.schedule.guards import Known, Roster
from aimline.schedule.people import People
from aimline.schedule.windows import Course

if TYPE_CHECKING:
    from aimline.context import Context
    from aimline.journal import Event
    from aimline.schedule import Arrival
    from schemas.sources import Source
    from schemas.years import Window

_LISTS = {"roster": "respondent_class", "rooms": None}
"""Entities that say who or what is asked, and the column of their groups."""

_NOBODY = "nobody"


def windows_of(context: "Context") -> tuple[WindowDays, ...]:
    """Return the days of all windows with the sources that deliver for them; none where no source does."""
    years = context.deployment.years
    sources = {
        (school_year, window.id): frozenset(window.sources)
        for school_year, year in years.items()
        for window in year.windows
        if window.sources
    }
    if not sources:
        return ()
    from aimline.commands.night import Tonight

    return tuple(
        WindowDays(each.window_id, each.school_year, each.opens_on, each.closes_on, sources[each.key])
        for each in Tonight(context).agenda.courses
        if each.key in sources
    )


def sources_of(context: "Context", name: str) -> tuple[str, ...]:
    """Return the sources that deliver for a window, in whichever years have it.

    Args:
        context: The run.
        name: The window, or ``id.year`` for that of one year.

    Raises:
        UsageError: There is no such window, or no source delivers for it.
    """
    from aimline._declared_files import did_you_mean
    from aimline.errors import UsageError

    years = context.deployment.years.items()
    found = {f"{each.id}.{school_year}": each.sources for school_year, year in years for each in year.windows}
    asked = {slot: sources for slot, sources in found.items() if name in {slot, slot.rpartition(".")[0]}}
    sources = tuple(dict.fromkeys(source for each in asked.values() for source in each))
    if not sources:
        known = sorted({slot.rpartition(".")[0] for slot, own in found.items() if own})
        remedy = did_you_mean(name, known) or f"Windows: {', '.join(known) or 'none'}."
        message = f"no source delivers for window '{name[:60]}' of {context.deployment.name}."
        raise UsageError(message, remedy=remedy)
    return sources


def answers_of(context: "Context", slot: str) -> dict[str, int]:
    """Return who was asked in a window and who has answered, as of the day of the run.

    Args:
        context: The run.
        slot: The window, ``id.year``.
    """
    from aimline.commands.night import Tonight

    night = Tonight(context)
    gathered = Gathered(context, night.agenda.people, night.agenda.arrivals, night.told.acknowledged)
    course = next((each for each in night.agenda.courses if f"{each.window_id}.{each.school_year}" == slot), None)
    return gathered.answered(course) if course else {}


@dataclass(frozen=True)
class Gathered:
    """What is known on the day of a run, read once for all windows."""

    context: "Context"
    people: People
    arrivals: tuple["Arrival", ...]
    acknowledged: Mapping[str, date] = field(default_factory=dict)
    heirs: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, course: Course, to_state: str) -> Known:
        """Return what is known of a window that should go to a state; lists are read only where one is frozen."""
        context = self.context
        window = self._window(course)
        sources = self._sources(window)
        deliveries = self._deliveries(course, sources)
        owner = self.people.owner(course.owner, course.opens_on) if course.owner else None
        edition = self._edition(window)
        return Known(
            district=context.deployment.name,
            unconfirmed=self._unconfirmed(course.school_year),
            owner=context.deployment.district.role_label(course.owner) if course.owner else _NOBODY,
            is_owned=owner is not None and not owner.is_orphan,
            notice_owner=context.deployment.district.role_label("privacy_officer"),
            notice_on=self.acknowledged.get(f"{course.school_year}|{course.window_id}.notice"),
            needs_roster=any(each.entity in _LISTS for each in sources),
            rosters=tuple(self._rosters(course, deliveries)) if to_state == "roster_frozen" else (),
            schools=tuple(each for each in _named_schools(window) if each not in self.heirs),
            instrument=(window.instrument if window else None) or "",
            edition=edition,
            items=self._items(window),
            edition_before=self._first_editions.get(window.instrument or "", "") if window else "",
            waived_on=self.acknowledged.get(f"{course.school_year}|{course.window_id}.late_accept"),
            n_quarantined=sum(n for n in self._refused(course, deliveries).values()),
            missing=tuple(self._missing(course)),
            batches=_digest(deliveries),
            held=tuple(self._held(course, {each.source_id for each in sources})) if to_state == "sealed" else (),
            counts=self._answered(course, deliveries) if to_state in {"closed", "sealed"} else {},
        )

    def answered(self, course: Course) -> dict[str, int]:
        """Return how many were asked in a window and have answered; nothing of a window without answers."""
        return self._answered(course, self._deliveries(course, self._sources(self._window(course))))

    def _deliveries(self, course: Course, sources: "list[Source]") -> list["Event"]:
        return [event for event in self._batches if _is_of(event, course, {each.source_id for each in sources})]

    @cached_property
    def _batches(self) -> list["Event"]:
        return self.context.journal.events("batch_accepted", until=self.context.clock.as_of)

    @cached_property
    def _first_editions(self) -> dict[str, str]:
        """Return the digest each instrument was first asked with."""
        from aimline.commands._first_uses import first_uses

        events = self.context.journal.events("window_transition", until=self.context.clock.as_of)
        return {name: event.payload["edition_digest"] for name, event in first_uses(events).items()}

    def _unconfirmed(self, school_year: int) -> str:
        from aimline.schedule.rollover import banner

        year = self.context.deployment.years.get(school_year)
        return (banner(year) if year else None) or ""

    def _window(self, course: Course) -> "Window | None":
        year = self.context.deployment.years.get(course.school_year)
        return next((each for each in year.windows if each.id == course.window_id), None) if year else None

    def _sources(self, window: "Window | None") -> list["Source"]:
        named = set(window.sources) if window else set()
        return [each for each in self.context.deployment.sources.sources if each.source_id in named]

    def _edition(self, window: "Window | None") -> str | None:
        if window is None or window.instrument is None:
            return ""
        held = self.context.deployment.instruments.get(window.instrument)
        if held is None:
            return None
        asked = [(each.item_id, each.text, each.options, each.reverse) for each in held.items]
        options = {name: [(each.value, each.label) for each in listed] for name, listed in held.option_sets.items()}
        return sha256(repr((asked, sorted(options.items()))).encode()).hexdigest()

    def _items(self, window: "Window | None") -> Mapping[str, Mapping[str, str]]:
        from schemas.editions import item_digests

        held = self.context.deployment.instruments.get(window.instrument or "") if window else None
        return item_digests(held) if held else {}

    def _rosters(self, course: Course, deliveries: list["Event"]) -> Iterator[Roster]:
        for event in deliveries:
            entity = event.payload["entity"]
            if entity in _LISTS:
                counts, n_opted_out = self._counts(course, event)
                is_in_force = entity == "rooms"  # a list of rooms does not grow old
                received_on = course.freeze_on if is_in_force else self._day(event)
                yield Roster(event.subject_id, max(received_on, self._day(event)), counts, n_opted_out)

    def _refused(self, course: Course, deliveries: list["Event"]) -> dict[str, int]:
        """Return the rows set aside of each delivery since the window opened; one that was read again counts once."""
        return {
            event.payload["name"]: event.payload["n_quarantined"]
            for event in deliveries
            if self._day(event) >= course.opens_on
        }

    def _counts(self, course: Course, event: "Event") -> tuple[dict[str, dict[str, int]], int]:
        """Count the eligible of a list, by school and group; opted-out people are marked and not counted."""
        from aimline.arrival.written import accepted_key
        from aimline.warehouse import connect, quote_literal

        entity = event.payload["entity"]
        path = self.context.store.path(accepted_key(entity, event.subject_id))
        is_roster = entity == "roster"
        group = "respondent_class" if is_roster else "'rooms'"
        out = "is_opted_out" if is_roster else "not is_eligible"
        where = f" where window_id = {quote_literal(course.window_id)}" if is_roster else ""
        sums = f"count(*) filter (not {out}) as n, count(*) filter ({out}) as n_out"
        query = (
            f"select school_id, {group} as group_id, {sums} "
            f"from read_parquet({quote_literal(str(path))}){where} group by all order by all"
        )
        counts: dict[str, dict[str, int]] = {}
        n_out = 0
        with connect(role="build") as connection:
            for row in connection.rows(query):
                counts.setdefault(row["school_id"], {})[row["group_id"]] = row["n"]
                n_out += row["n_out"]
        return counts, n_out

    def _held(self, course: Course, source_ids: set[str]) -> Iterator[str]:
        """Yield the sources of deliveries of a window that are held and that nothing later has replaced."""
        newest: dict[tuple[str, str], Event] = {}
        for event in self._told:
            if _is_of(event, course, source_ids):
                newest[event.payload["source_id"], event.payload["name"]] = event
        for event in newest.values():
            told = event.payload
            is_own = told.get("reason") not in {None, AFTER_SEAL} and self._day(event) >= course.opens_on
            later = (each for each in newest.values() if each.kind == "batch_accepted" and each.seq > event.seq)
            if is_own and not any(_replaces(each.payload, told) for each in later):
                yield told["source_id"]

    def _answered(self, course: Course, deliveries: list["Event"]) -> dict[str, int]:
        """Count who was asked, by the frozen list, and who has answered; nothing of a window that asks nobody."""
        from aimline.arrival.written import accepted_key
        from aimline.warehouse import connect, quote_literal

        answers = [event for event in deliveries if event.payload["entity"] == "responses"]
        newest = {(event.payload["source_id"], tuple(event.payload["slots"])): event for event in answers}
        kept = [each for each in answers if each.payload.get("load_mode") != "full" or each in newest.values()]
        paths = [self.context.store.path(accepted_key("responses", event.subject_id)) for event in kept]
        listed = ", ".join(quote_literal(str(path)) for path in paths if path.exists())
        if not listed:
            return {}
        query = (
            f"select count(distinct response_id) as n from read_parquet([{listed}]) "
            f"where window_id = {quote_literal(course.window_id)} and not is_preview"
        )
        with connect(role="build") as connection:
            n_responses = connection.rows(query)[0]["n"]
        eligible = self._n_eligible.get(course.key)
        return {"n_responses": n_responses} | ({} if eligible is None else {"n_eligible": eligible})

    @cached_property
    def _n_eligible(self) -> dict[tuple[int, str], int]:
        """Return the number of those asked of every window whose list was frozen."""
        return {
            (event.payload["school_year"], event.subject_id): sum(
                n for groups in event.payload["n_eligible"].values() for n in groups.values()
            )
            for event in self.context.journal.events("window_transition", until=self.context.clock.as_of)
            if "n_eligible" in event.payload and event.payload["to_state"] == "roster_frozen"
        }

    @cached_property
    def _told(self) -> list["Event"]:
        """Return the accounts of all deliveries, in the order they were written."""
        told = self.context.journal.events("batch_accepted", "batch_held", until=self.context.clock.as_of)
        return [event for event in told if "name" in event.payload]

    def _day(self, event: "Event") -> date:
        at = datetime.fromisoformat(event.payload["received_at"])
        return at.astimezone(ZoneInfo(self.context.clock.zone)).date()

    def _missing(self, course: Course) -> Iterator[str]:
        """Yield the expected deliveries of a window of which nothing has come."""
        from aimline.schedule import late_arrivals

        expected = [
            each
            for each in self.arrivals
            if (each.school_year, each.window_id) == course.key and each.expected_on <= course.late_until_on
        ]
        received: dict[str, list[datetime]] = {}
        for event in self._batches:
            at = datetime.fromisoformat(event.payload["received_at"])
            received.setdefault(event.payload["source_id"], []).append(at)
        late = late_arrivals(expected, received, self.context.clock.instant())
        yield from dict.fromkeys(each.source_id for each in late)


def _is_of(event: "Event", course: Course, source_ids: set[str]) -> bool:
    """Say whether a delivery is one of a window: of its sources, and of no other window or year that it names."""
    if event.payload["source_id"] not in source_ids:
        return False
    told: dict[str, Any] = event.payload.get("facts", {})
    slots = event.payload.get("slots", ())
    if any("." in slot for slot in slots) and f"{course.window_id}.{course.school_year}" not in slots:
        return False
    if any(slot.isdecimal() for slot in slots) and str(course.school_year) not in slots:
        return False
    named = (told.get("window", course.window_id), str(told.get("school_year", course.school_year)))
    return named == (course.window_id, str(course.school_year))


def _replaces(later: Mapping[str, Any], earlier: Mapping[str, Any]) -> bool:
    """Say whether an accepted delivery stands for one that is held: of the same source, all of it or the same part."""
    if later["source_id"] != earlier["source_id"]:
        return False
    return later.get("load_mode") == "full" or later.get("facts") == earlier.get("facts")


def _named_schools(window: "Window | None") -> tuple[str, ...]:
    asked = window.respondents.values() if window else ()
    return tuple(sorted({school for each in asked for school in each.schools or ()}))


def _digest(deliveries: list["Event"]) -> str:
    return sha256("\n".join(sorted(event.subject_id for event in deliveries)).encode()).hexdigest()
