"""Read the school year of a OneRoster delivery from its sessions, and hold what they say against their dates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aimline.sources.oneroster_files import Record
from aimline.sources.tables import Stop

if TYPE_CHECKING:
    from aimline.sources.oneroster import Asked

_FIRST_MONTH = 7


@dataclass(frozen=True)
class Year:
    """A school year, named by its spring, and the day it begins; empty where nobody says."""

    spring: int
    first_on: str


@dataclass(frozen=True)
class _Session:
    spring: int
    said: str
    first: date
    last: date
    is_span: bool


def spring_of(day: date) -> int:
    """Return the school year a day belongs to."""
    return day.year + (day.month >= _FIRST_MONTH)


def year_of(sessions: Sequence[Record], asked: "Asked") -> Year | Stop:
    """Return the school year a delivery is of.

    Args:
        sessions: Records of academicSessions.
        asked: What is asked of it; a year that a person decided is not questioned.
    """
    known = [session for record in sessions if (session := _session(record)) is not None]
    spring = asked.year or spring_of(asked.on)
    if asked.year is None:
        for session in known:
            label = "spring" if session.is_span else asked.label
            if session.said and _spring_said(session.said, label) != session.spring:
                span = f"{session.spring - 1}-{session.spring % 100:02d}"
                return Stop("year_conflict", f"a session says {session.said}, its dates are of {span}")
        if known and all(session.spring != spring for session in known):
            if asked.must_show_year:
                years = ", ".join(sorted({str(session.spring) for session in known}))
                return Stop("wrong_school_year", f"its sessions are of {years}, the day of it is of {spring}")
            spring = max(known, key=lambda session: session.last).spring
        if not known and asked.must_show_year:
            return Stop("year_unknown", "academicSessions tells no school year")
    first = min((session.first for session in known if session.spring == spring), default=None)
    first = first or asked.first_days.get(spring)
    return Year(spring, first.isoformat() if first else "")


def _spring_said(said: str, label: str) -> int:
    return int(said) + (label == "fall")


def _session(record: Record) -> _Session | None:
    """Return a session that is a whole school year."""
    if record.get("type", "").lower() != "schoolyear":
        return None
    try:
        first, last = (date.fromisoformat(record.get(name, "")[:10]) for name in ("startdate", "enddate"))
    except ValueError:
        return None
    said = record.get("schoolyear", "")
    is_span = bool(record.get("spans"))
    return _Session(spring_of(first + (last - first) / 2), said if said.isdigit() else "", first, last, is_span)
