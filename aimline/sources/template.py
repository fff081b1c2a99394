"""Say what the forms are that schools fill in: the same shape is written and read back, so that nobody guesses.

A form is of one window, one edition of an instrument and one school, and says so in its stamp. Rooms stand in it as
short labels of their pseudonyms, people not at all. Files are written by ``template_files``, read by ``template_rows``.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from schemas.instruments import InstrumentFile, Item

STAMP = ("template_id", "window_id", "edition", "school_id", "school_year", "issued_on", "checksum")
NOT_SEEN = "not_seen"
TEAM = "team"
FORM, ABOUT = "form", "about"
_LABEL = 6
_OTHER_ROWS = 5
_RATERS = 5
_SESSIONS = 5
_ACTIVITY_EDITION = "1"
"""The edition of the form of activities; the plan says what stands in it."""
_PREFIX = re.compile(r"k\d+_")


_ENTITIES = {
    "walkthrough": "walkthroughs",
    "rubric": "rubric_ratings",
    "activity": "activities",
    "plan": "school_plan",
    "cycle": "cycle_form",
    "meeting": "meeting_record",
}


@dataclass(frozen=True)
class Answer:
    """One column of a form: what stands above it, what it is, what may be written into it."""

    heading: str
    name: str
    kind: Literal["given", "text", "date", "choice", "count"] = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Slot:
    """What a form is about."""

    district_id: str
    window_id: str
    school_year: int
    school_id: str


@dataclass(frozen=True)
class Form:
    """One form: its slot, its instrument, its columns, what is written into the given column of each row.

    ``knows`` says of an owner, a goal or an indicator that somebody writes into it whether it is declared.
    """

    kind: str
    slot: Slot
    instrument_id: str
    edition: str
    answers: tuple[Answer, ...]
    given: tuple[str, ...] = ()
    knows: Callable[[str, str], bool] = field(default=lambda _kind, _name: True, compare=False, repr=False)

    @property
    def entity(self) -> str:
        """Return what the rows of the form are."""
        return _ENTITIES[self.kind]

    @property
    def headings(self) -> tuple[str, ...]:
        """Return the headings in order."""
        return tuple(answer.heading for answer in self.answers)

    @property
    def template_id(self) -> str:
        """Return what names the form: equal for equal slot, edition and columns, whatever rooms stand in it."""
        slot = self.slot
        parts = (slot.district_id, slot.window_id, str(slot.school_year), slot.school_id)
        told = "\x1f".join((*parts, self.instrument_id, self.edition, *self.headings))
        return f"{self.kind}-{sha256(told.encode()).hexdigest()[:12]}"

    def stamp(self, issued_on: date) -> dict[str, str]:
        """Return what the sheet ``about`` says."""
        slot = self.slot
        values = (self.template_id, slot.window_id, self.edition, slot.school_id, str(slot.school_year))
        return dict(zip(STAMP, (*values, issued_on.isoformat(), checksum(self.headings, self.given)), strict=True))


def checksum(headings: Sequence[str], given: Sequence[str]) -> str:
    """Return a digest of what nobody may change: the headings, and the given cells down to the last that is filled."""
    kept = list(given)
    while kept and not kept[-1]:
        kept.pop()
    return sha256("\x1f".join([*headings, "\x1e", *kept]).encode()).hexdigest()[:16]


def form_of(slot: Slot, instrument: "InstrumentFile", rooms: Sequence[str] = ()) -> Form | None:
    """Return the form of a window in a school; None where no form asks for such an instrument.

    Args:
        slot: The window and the school.
        instrument: What is asked.
        rooms: Pseudonyms of the rooms to be visited.
    """
    makers: dict[str, Callable[[InstrumentFile, Sequence[str]], tuple[tuple[Answer, ...], tuple[str, ...]]]]
    makers = {"walkthrough": _walkthrough, "rubric": _rubric}
    if instrument.kind not in makers:
        return None
    answers, given = makers[instrument.kind](instrument, rooms)
    return Form(instrument.kind, slot, instrument.instrument_id, instrument.edition, answers, given)


def _walkthrough(instrument: "InstrumentFile", rooms: Sequence[str]) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    choices = (*(str(level.value) for level in instrument.levels), NOT_SEEN)
    asked = [Answer(_heading(item), item.item_id, "choice", choices) for item in instrument.items]
    head = (Answer("Room", "room", "given"), Answer("Date", "date", "date"), Answer("Observer", "observer"))
    given = (*(room_label(room) for room in rooms), *[""] * _OTHER_ROWS)
    return (*head, *asked, Answer("Other room", "other")), given


def _rubric(instrument: "InstrumentFile", _rooms: Sequence[str]) -> tuple[tuple[Answer, ...], tuple[str, ...]]:
    choices = tuple(str(level.value) for level in instrument.levels)
    answers = (
        Answer("Practice", "item", "given"),
        Answer(f"Rater, or {TEAM} for the level you agree on", "rater"),
        Answer("Date", "date", "date"),
        Answer("Level", "rating", "choice", choices),
    )
    return answers, tuple(_heading(item) for _ in range(_RATERS) for item in instrument.items)


def activity_form(slot: Slot, activities: Sequence[tuple[str, str]]) -> Form:
    """Return the form in which a school says how the plan's activities went: some lines for each activity.

    Args:
        slot: The window and the school.
        activities: Id and label of each activity.
    """
    answers = (
        Answer("Activity", "activity", "given"),
        Answer("Session, such as 1 (the date where it has none)", "session"),
        Answer("Date", "date", "date"),
        Answer("Status", "status", "choice", ("planned", "delivered", "cancelled")),
        Answer("Core parts planned", "core_required", "count"),
        Answer("Core parts delivered", "core_delivered", "count"),
        Answer("People it was for", "eligible", "count"),
        Answer("People it reached", "reached", "count"),
        Answer("Quality, 1 to 4", "quality", "choice", ("1", "2", "3", "4")),
        Answer("What was changed", "adaptation", "choice", ("none", "added", "dropped", "reordered", "other")),
        Answer("Milestone met on", "completed", "date"),
    )
    given = tuple(f"{name}: {label}" for name, label in activities for _ in range(_SESSIONS))
    return Form("activity", slot, "", _ACTIVITY_EDITION, answers, given)


def _heading(item: "Item") -> str:
    text = item.text.get("en") or next(iter(item.text.values()), "")
    return f"{item.item_id}: {text}"


def room_label(room_key: str) -> str:
    """Return the short code under which a room stands in a form."""
    return _PREFIX.sub("", room_key)[:_LABEL]
