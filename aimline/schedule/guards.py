"""Ask the guards of a window's steps: may it freeze its list, open, be sealed? Pure: what is known comes in.

What is not there yet blocks a step; once it is there, the step is made as if it had been in time. So a guard looks at
the days things happened on, never at the day of the run, and nights that were missed change nothing. Source:
schedule.md 6.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from aimline.schedule.school_days import Days
from aimline.schedule.windows import Course, Refusal, WindowEvent

NOTICE_DAYS = 14
"""Calendar days between a notice and the opening (parameter; PPRA guidance: reasonable notice and opt-out)."""

ROSTER_SCHOOL_DAYS = 3
"""School days a list of those asked may be old when it is frozen (parameter)."""

_LAW = "PPRA, 20 U.S.C. 1232h"


@dataclass(frozen=True)
class Roster:
    """One accepted list of those asked.

    Attributes:
        counts: School → group → number of eligible people who did not opt out.
    """

    batch_id: str
    received_on: date
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    n_opted_out: int = 0


@dataclass(frozen=True)
class Known:
    """What is known of one window on the day of a run.

    Attributes:
        district: Name of the deployment, for remedies.
        owner: Words for the role that answers for the window; ``is_owned`` says whether it has an active person.
        notice_owner: Words for the role that answers for its notice.
        notice_on: The day its notice was recorded.
        needs_roster: Whether a source brings lists of those asked.
        rosters: Those accepted, by the day they were received.
        schools: Schools that must have somebody eligible.
        instrument: Instrument and edition it asks with.
        edition: Digest of that edition; None where it is not declared, empty where none is asked with.
        items: What is frozen of each of its items when it is first asked with.
        edition_before: Digest of the same edition at its first use.
        waived_on: The day its owner let open what is missing or refused.
        n_quarantined: Rows of its deliveries that were set aside.
        missing: Its expected deliveries that have not come.
        batches: Digest of its accepted deliveries.
        held: Its deliveries that are held and that no later one has replaced.
        unconfirmed: Words for the dates of its year that were copied and that nobody has confirmed; empty without any.
        counts: ``n_eligible`` by the frozen list, ``n_responses`` by what was accepted.
    """

    district: str
    owner: str
    is_owned: bool = True
    notice_owner: str = "privacy officer"
    notice_on: date | None = None
    needs_roster: bool = False
    rosters: tuple[Roster, ...] = ()
    schools: tuple[str, ...] = ()
    instrument: str = ""
    edition: str | None = ""
    items: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    edition_before: str = ""
    waived_on: date | None = None
    n_quarantined: int = 0
    missing: tuple[str, ...] = ()
    batches: str = ""
    held: tuple[str, ...] = ()
    unconfirmed: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Guards:
    """The guards of all windows.

    Attributes:
        known: Tells what is known of a window that should go to a state.
        school_days: What the age of a list is counted in.
    """

    known: Callable[[Course, str], Known]
    school_days: Days

    def judge(self, course: Course, event: WindowEvent, as_of: date) -> WindowEvent:
        """Return the event with what its guards say and what is written down when they hold."""
        asks = {
            "notice_sent": self._notice,
            "roster_frozen": self._roster,
            "open": self._open,
            "closed": self._closed,
            "sealed": self._sealed,
        }
        ask = asks.get(event.to_state)
        return ask(course, self.known(course, event.to_state), event, as_of) if ask else event

    def _notice(self, course: Course, known: Known, event: WindowEvent, as_of: date) -> WindowEvent:
        if course.version == 0 or known.unconfirmed:
            return _refused(event, _not_frozen(course, known))
        if known.notice_on is None or known.notice_on > as_of:
            return _refused(event, _no_notice(course, known))
        return replace(event, detail={"sent_on": known.notice_on})

    def _roster(self, course: Course, known: Known, event: WindowEvent, as_of: date) -> WindowEvent:
        if not known.needs_roster:
            return replace(event, detail={"roster_id": _roster_id(course)})
        since = _shifted(self.school_days, event.due_on, -ROSTER_SCHOOL_DAYS)
        usable = [each for each in known.rosters if since <= each.received_on <= as_of]
        in_time = [each for each in usable if each.received_on <= event.due_on]
        roster = max(in_time, key=_received) if in_time else min(usable, key=_received, default=None)
        if roster is None:
            what = f"roster step missing (no list of those asked has come since {since})"
            return _refused(event, _cannot_open(course, known.owner, "G3", (what, "Send the list")))
        empty = [school for school in known.schools if not sum(roster.counts.get(school, {}).values())]
        if empty or not roster.counts:
            where = ", ".join(empty) or "any school"
            what = f"roster step missing (nobody is eligible in {where})"
            return _refused(event, _cannot_open(course, known.owner, "G3", (what, "Send the whole list")))
        counts = {"n_eligible": roster.counts, "n_opted_out": roster.n_opted_out}
        return replace(event, detail={"roster_id": _roster_id(course), "batch_id": roster.batch_id, **counts})

    def _open(self, course: Course, known: Known, event: WindowEvent, as_of: date) -> WindowEvent:
        if course.version == 0 or known.unconfirmed:
            return _refused(event, _not_frozen(course, known))
        refusals = (*_too_early(course, known, as_of), *_edition(course, known), *_unowned(course, known))
        asked_with = {"instrument": known.instrument, "edition_digest": known.edition, "items": dict(known.items)}
        return replace(event, refusals=refusals, detail=asked_with if known.edition else {})

    def _closed(self, _course: Course, known: Known, event: WindowEvent, _as_of: date) -> WindowEvent:
        """Write down how many had answered when the window closed; answers that come late are not among them."""
        return replace(event, detail={**event.detail, "at_close": dict(known.counts)}) if known.counts else event

    def _sealed(self, course: Course, known: Known, event: WindowEvent, as_of: date) -> WindowEvent:
        is_waived = known.waived_on is not None and known.waived_on <= as_of
        open_points = [f"{known.n_quarantined} rows of its deliveries are in quarantine"] if known.n_quarantined else []
        open_points += [f"{', '.join(known.missing)} has not come"] if known.missing else []
        open_points += [f"{', '.join(known.held)} is held"] if known.held else []
        if open_points and not is_waived:
            message = (
                f"{course.window_id} cannot be sealed on {event.due_on}: {' and '.join(open_points)}. "
                f"Owner: {known.owner}. Mend it, or let it be with aimline due {known.district} "
                f"--ack {course.window_id}.late_accept --by PERSON."
            )
            return _refused(event, Refusal("settled", message, course.owner))
        counts = {"n_quarantined": known.n_quarantined, "batches_sha256": known.batches, "is_waived": bool(open_points)}
        return replace(event, detail={**known.counts, **counts})


def waiting_for_arrivals(event: WindowEvent) -> WindowEvent:
    """Return a step as it may be made before tonight's deliveries are in: none is sealed then."""
    if event.to_state != "sealed" or event.refusals:
        return event
    return _refused(event, Refusal("settled", "tonight's deliveries are not in yet"))


def _refused(event: WindowEvent, refusal: Refusal) -> WindowEvent:
    return replace(event, refusals=(refusal,))


def _cannot_open(course: Course, owner: str, guard: str, told: tuple[str, str]) -> Refusal:
    """Say what keeps a window from opening, and what to do about it."""
    what, remedy = told
    message = f"{course.window_id} cannot open on {course.opens_on}: {what}. Owner: {owner}. "
    return Refusal(guard, f"{message}{remedy}, or move the window.", course.owner)


def _not_frozen(course: Course, known: Known) -> Refusal:
    if known.unconfirmed:
        remedy = f"Confirm them in the year file, then freeze it with aimline plan {known.district} --freeze"
        return _cannot_open(course, known.owner, "G1", (f"its year is proposed, {known.unconfirmed}", remedy))
    remedy = f"Freeze them with aimline plan {known.district} --freeze --by PERSON --reason TEXT"
    return _cannot_open(course, known.owner, "G1", ("its dates are not frozen", remedy))


def _no_notice(course: Course, known: Known) -> Refusal:
    remedy = f"Record it with aimline due {known.district} --ack {course.window_id}.notice --by PERSON"
    return _cannot_open(course, known.notice_owner, "G2", (f"notice step missing ({_LAW})", remedy))


def _too_early(course: Course, known: Known, as_of: date) -> tuple[Refusal, ...]:
    """A notice gives families time; until then, and until the last day to opt out is over, a window stays shut."""
    if course.notice_on is None:
        return ()
    if known.notice_on is None:
        return (_no_notice(course, known),)
    earliest = known.notice_on + timedelta(days=NOTICE_DAYS)
    if course.opt_out_on is not None:
        earliest = max(earliest, course.opt_out_on + timedelta(days=1))
    if earliest <= as_of:
        return ()
    what = f"its notice was sent on {known.notice_on} and families have time until {earliest} ({_LAW})"
    return (_cannot_open(course, known.notice_owner, "G2", (what, f"Wait until {earliest}")),)


def _edition(course: Course, known: Known) -> tuple[Refusal, ...]:
    """An edition does not change once it was asked with."""
    if known.edition is None:
        return (_cannot_open(course, known.owner, "G4", ("its instrument is not declared", "Add its file")),)
    if known.edition and known.edition_before and known.edition != known.edition_before:
        what = "its instrument changed after it was used under the same edition"
        return (_cannot_open(course, known.owner, "G4", (what, "Give the new text an edition of its own")),)
    return ()


def _unowned(course: Course, known: Known) -> tuple[Refusal, ...]:
    if known.is_owned:
        return ()
    return (_cannot_open(course, known.owner, "G5", ("nobody who is active owns it", "Name a person in the plan")),)


def _roster_id(course: Course) -> str:
    return f"{course.window_id}.{course.school_year}"


def _received(roster: Roster) -> tuple[date, str]:
    return roster.received_on, roster.batch_id


def _shifted(days: Days, day: date, n: int) -> date:
    """Return the day some school days before another; where the known days begin, calendar days count."""
    from aimline.errors import DeclaredFactError

    try:
        return days.add(day, n)
    except DeclaredFactError:
        return day + timedelta(days=2 * n)
