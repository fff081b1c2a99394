"""Tell a night from the journal: what it did, whether it finished. Doing it is the flow's work.

What is said of a step is worked out from the events of its day, not from the attempt that made them. So a night that
was killed and run again tells the same as one that ran through, and the pages that print it have the same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from aimline.journal import Event, Journal
from schemas.declared import DECLARED_BY, FROZEN_BY

StepName = Literal["due", "collect", "build", "publish", "review", "alert"]

STEPS: tuple[StepName, ...] = get_args(StepName)
"""The steps of a night, in their order."""

_TOLD = (
    *("window_transition", "calendar_missing", "batch_accepted", "batch_held", "arrival_late", "source_failed"),
    *("build_finished", "release_promoted", "review_frozen", "night_step", "night_finished"),
)
_OWN = (DECLARED_BY, FROZEN_BY)  # what Aimline landed itself came from nobody


@dataclass(frozen=True)
class NightFacts:
    """What the journal holds of one night, as counts and ids.

    Attributes:
        as_of: The night.
        batches: Deliveries accepted; ``held`` those refused whole.
        declared: Tables of declared facts that changed and were landed.
        n_quarantined: Rows of its batches that were set aside.
        late: Sources whose delivery became late.
        failed: Sources that could not be read until a person changes something.
        moved: Windows that changed their state.
        sealed: Those that were sealed; what comes for them now waits for a person.
        restated: Sealed windows into which a person let a delivery.
        blocked: Windows that could not go on.
        missing_years: School years that have begun without a file.
        build_id: The newest build of the night; None before the first.
        n_touched_days: School days that build made anew.
        findings: What a person should look at in it.
        release_id: The newest release of the night.
        reviews: Reviews whose evidence was frozen.
        alerts: Alerts that began or changed.
    """

    as_of: date
    batches: tuple[str, ...] = ()
    declared: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    n_quarantined: int = 0
    late: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    sealed: tuple[str, ...] = ()
    restated: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()
    missing_years: tuple[str, ...] = ()
    build_id: str | None = None
    n_touched_days: int = 0
    findings: tuple[str, ...] = ()
    release_id: str | None = None
    reviews: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()

    def message(self, step: StepName) -> str:
        """Say in a few words what a step of the night did; empty when it had nothing to do."""
        counts = {
            "due": ((len(self.moved) - len(self.sealed), "window moved"),),
            "collect": (
                (len(self.sealed), "window sealed"),
                (len(self.restated), "window restated"),
                (len(self.blocked), "window blocked"),
                (len(self.batches), "batch accepted"),
                (len(self.held), "batch held"),
                (len(self.declared), "table declared"),
                (self.n_quarantined, "row quarantined"),
                (len(self.late), "feed late"),
                (len(self.failed), "source unreadable"),
            ),
            "review": ((len(self.reviews), "review frozen"),),
            "alert": ((len(self.alerts), "alert"),),
        }
        if step in {"build", "publish"}:
            return (self.build_id if step == "build" else self.release_id) or ""
        return ", ".join(_count(n, words) for n, words in counts[step] if n)

    @property
    def to_act_on(self) -> tuple[str, ...]:
        """Name what somebody must see to: refused deliveries, late feeds, unreadable sources, missing years."""
        named = {"held": self.held, "late": self.late, "unreadable": self.failed}
        named["calendar missing"] = self.missing_years
        return tuple(sorted({f"{what} {name}" for what, names in named.items() for name in names}))


def _count(n: int, words: str) -> str:
    """Write a count of things whose name is the first word: ``2 batches accepted``."""
    thing, _, rest = words.partition(" ")
    plural = thing + ("es" if thing.endswith("ch") else "s")
    return f"{n} {thing if n == 1 else plural} {rest}".rstrip()


def night_facts(journal: Journal, as_of: date) -> NightFacts:
    """Gather what the journal holds of a night."""
    events = [event for event in journal.events(*_TOLD) if event.as_of == as_of]
    landed = _of(events, "batch_accepted", "batch_held")
    batches = [event for event in landed if event.payload["source_id"] not in _OWN]
    build = next((event.payload for event in reversed(_of(events, "build_finished"))), {})
    released = _of(events, "release_promoted")
    return NightFacts(
        as_of=as_of,
        batches=tuple(event.subject_id for event in batches if event.kind == "batch_accepted"),
        declared=tuple(event.payload["entity"] for event in landed if event.payload["source_id"] == DECLARED_BY),
        held=tuple(event.payload["source_id"] for event in batches if event.kind == "batch_held"),
        n_quarantined=sum(event.payload["n_quarantined"] for event in batches),
        late=tuple(event.subject_id for event in _of(events, "arrival_late")),
        failed=tuple(event.subject_id for event in _of(events, "source_failed")),
        moved=tuple(
            event.subject_id for event in _of(events, "window_transition") if event.payload["to_state"] != "blocked"
        ),
        sealed=tuple(
            event.subject_id for event in _of(events, "window_transition") if "batches_sha256" in event.payload
        ),
        restated=_restated(journal, as_of),
        blocked=tuple(sorted({event.subject_id for event in still_blocked(events)})),
        missing_years=tuple(event.subject_id for event in _of(events, "calendar_missing")),
        build_id=build.get("build_id"),
        n_touched_days=build.get("n_touched_days", 0),
        findings=tuple(build.get("findings", ())),
        release_id=released[-1].subject_id if released else None,
        reviews=tuple(event.subject_id for event in _of(events, "review_frozen")),
        alerts=tuple(row["event_id"] for row in journal.alert_events() if row["as_of"] == as_of.isoformat()),
    )


def _restated(journal: Journal, as_of: date) -> tuple[str, ...]:
    """Return the sealed windows that people restated since the night before."""
    ended = (event for event in journal.events("night_finished") if event.as_of < as_of)
    last = max(ended, key=lambda event: event.as_of, default=None)
    told = journal.events("window_restated", until=as_of)
    return tuple(dict.fromkeys(event.subject_id for event in told if last is None or event.seq > last.seq))


def still_blocked(events: Iterable[Event]) -> list[Event]:
    """Return what blocked windows on a night, without those that went on later in it."""
    told = list(events)
    left = [
        (event.payload["school_year"], event.subject_id, event.seq)
        for event in _of(told, "window_transition")
        if event.payload["from_state"] == "blocked"
    ]
    return [
        event
        for event in _of(told, "window_blocked")
        if not any(
            (year, window) == (event.payload["school_year"], event.subject_id) and seq > event.seq
            for year, window, seq in left
        )
    ]


def _of(events: Iterable[Event], *kinds: str) -> list[Event]:
    return [event for event in events if event.kind in kinds]


def step_event(night: "Night", step: StepName, state: str, message: str) -> Event:
    """Return the event of a step: said again in the same words, it is the same event."""
    payload = {"night_on": night.as_of, "step": step, "state": state, "message": message}
    key = f"night_step|{night.subject_id}|{step}|{state}|{message}"
    return Event("night_step", night.subject_id, night.as_of, key, payload, night.run_id)


def finished_event(night: "Night", facts: NightFacts) -> Event:
    """Return the event that ends a night."""
    state = "finished_with_findings" if facts.to_act_on else "finished"
    payload = {"night_on": night.as_of, "state": state, "release_id": facts.release_id}
    key = f"night_finished|{night.subject_id}|{state}|{facts.release_id}"
    return Event("night_finished", night.subject_id, night.as_of, key, payload, night.run_id)


@dataclass(frozen=True)
class Night:
    """Which night of which district, and the run that works on it."""

    district_id: str
    as_of: date
    run_id: str

    @property
    def subject_id(self) -> str:
        """Return what the events of the night are about."""
        return f"{self.district_id}/{self.as_of}"


def last_finished(journal: Journal) -> Event | None:
    """Return the event of the newest night that finished; None before the first."""
    return max(journal.events("night_finished"), key=lambda event: event.as_of, default=None)
