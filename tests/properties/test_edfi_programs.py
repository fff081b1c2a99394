"""Random programs on an Ed-Fi host: whatever is done between nights and pages, one more night and all is equal."""

import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aimline import clock
from aimline.errors import SourceError
from aimline.sources import edfi_host
from aimline.sources.edfi import EdfiSource
from aimline.sources.edfi_shapes import ENTITIES
from aimline.sources.pulled import Asked, Pull, read_part
from tests.support.edfi_fake import KEY, SECRET, EdfiFake, event, school
from tests.support.edfi_fake import edfi_host as running

MARKS, DAYS = "studentSchoolAttendanceEvents", tuple(f"2018-10-{day:02d}" for day in range(1, 6))
WORDS = ("Excused Absence", "Unexcused Absence", "Tardy")


class Door:
    """Lets everything pass, and makes ids recognisable."""

    def key(self, kind: str, raw: str) -> str:
        """Return an id as a pseudonym of its kind."""
        return f"{kind}-{raw}"

    def drops(self, name: str) -> bool:
        """Drop nothing that was listed."""
        return name == "dropped"


class Nights:
    """A connector and what it left from night to night, as collection keeps it."""

    def __init__(self, fake: EdfiFake, folder: Path) -> None:
        """Begin with nothing."""
        self.fake, self.folder, self.on = fake, folder, date(2019, 1, 10)
        self.cursor: dict[str, Any] = {}
        self.kept: dict[str, Path] = {}
        self.number = 0

    def night(self, *, is_killed: bool = False, is_later: bool = False) -> None:
        """Pull once; a killed night keeps nothing, a failed one neither."""
        self.number += 1
        self.on += timedelta(days=7 if is_later else 1)
        to = self.folder / str(self.number)
        to.mkdir()
        host = edfi_host.EdfiHost(self.fake.base, f"{KEY}:{SECRET}")
        source = EdfiSource(host, [*ENTITIES["schools"], *ENTITIES["attendance_events"]])
        try:
            pull = source.pull(Asked(self.on, self.cursor, self.kept, {}, to, Door()))
        except SourceError:
            return
        if not is_killed:
            self._keep(pull)

    def _keep(self, pull: Pull) -> None:
        assert not pull.held
        self.kept |= {part.name: part.path for part in pull.parts}
        self.cursor = dict(pull.cursor)

    def rows(self, entity: str) -> dict[str, dict[str, str]]:
        """Return what is kept of an entity: id -> record."""
        return {each["id"]: dict(each) for each in read_part(self.kept[entity]).records}


def wanted(fake: EdfiFake) -> dict[str, dict[str, str]]:
    """Return the marks of the host as they should be kept."""
    return {
        each: {
            "id": each,
            "studentReference.studentUniqueId": f"student-{body['studentReference']['studentUniqueId']}",
            "schoolReference.schoolId": str(body["schoolReference"]["schoolId"]),
            "sessionReference.schoolYear": "2019",
            "sessionReference.sessionName": "Fall",
            "eventDate": body["eventDate"],
            "attendanceEventCategoryDescriptor": body["attendanceEventCategoryDescriptor"],
            "eventDuration": str(body.get("eventDuration", "")),
        }
        for each, (_, body) in fake.records[MARKS].items()
    }


STUDENTS = st.integers(0, 9)
ACTIONS = st.one_of(
    st.tuples(st.just("insert"), STUDENTS, st.sampled_from(DAYS), st.sampled_from(WORDS)),
    st.tuples(st.just("edit"), st.integers(0, 30), st.sampled_from([0, 0.25, 0.5, 1])),
    st.tuples(st.just("delete"), st.integers(0, 30)),
    st.tuples(st.just("key"), st.integers(0, 30), st.sampled_from(DAYS)),
    st.tuples(st.just("swap"), st.integers(0, 30), st.integers(0, 30)),
    st.tuples(st.just("again"), st.integers(0, 30)),
    st.tuples(st.just("reloaded"), st.integers(0, 30)),
)
STEPS = st.one_of(
    ACTIONS,
    st.tuples(st.sampled_from(["night", "killed", "week"])),
    st.tuples(st.just("slide"), st.integers(1, 6), ACTIONS),
    st.tuples(st.just("fault"), st.sampled_from(["page", "count", "token"]), st.sampled_from([401, 429, 503, 504])),
)


def act(fake: EdfiFake, action: tuple[Any, ...]) -> None:
    """Do one thing at the host, as far as its rules allow."""
    kind, *rest = action
    ids = list(fake.records[MARKS])
    if kind == "insert":
        student, on, word = rest
        if fake.holder(MARKS, body := event(str(student), 101, on, word)) is None:
            fake.insert(MARKS, body)
    elif ids:
        _act_on(fake, kind, ids[rest[0] % len(ids)], rest[-1])


def _act_on(fake: EdfiFake, kind: str, chosen: str, what: Any) -> None:
    """Do one thing to a record."""
    body = fake.records[MARKS][chosen][1]
    if kind == "edit":
        fake.edit(MARKS, chosen, eventDuration=what)
    elif kind in {"delete", "again", "reloaded"}:
        fake.delete(MARKS, chosen, silently=kind == "reloaded")
        if kind != "delete":
            fake.insert(MARKS, body)
    elif kind == "key" and fake.holder(MARKS, {**body, "eventDate": what}) is None:
        fake.change_key(MARKS, chosen, eventDate=what)
    elif kind == "swap":
        ids = list(fake.records[MARKS])
        _swap(fake, chosen, ids[what % len(ids)])


def _swap(fake: EdfiFake, one: str, other: str) -> None:
    """Let two records trade their days by way of a third, where nothing else stands in the way."""
    first, second = (fake.records[MARKS][each][1] for each in (one, other))
    trades = ({**first, "eventDate": second["eventDate"]}, {**second, "eventDate": first["eventDate"]})
    holders = [fake.holder(MARKS, each) for each in trades]
    if one == other or any(each not in {None, one, other} for each in holders):
        return
    days = first["eventDate"], second["eventDate"]
    fake.change_key(MARKS, one, eventDate="2018-12-24")
    fake.change_key(MARKS, other, eventDate=days[0])
    fake.change_key(MARKS, one, eventDate=days[1])


def _sliding(fake: EdfiFake, after: int, action: tuple[Any, ...]) -> Callable[[str], None]:
    """Return what does one thing before a later page is served."""
    left = [after]

    def between(_resource: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            act(fake, action)

    return between


def run(fake: EdfiFake, nights: Nights, step: tuple[Any, ...]) -> None:
    """Do one step of a program."""
    kind, *rest = step
    if kind in {"night", "killed", "week"}:
        nights.night(is_killed=kind == "killed", is_later=kind == "week")
    elif kind == "slide":
        fake.between = _sliding(fake, *rest)
        nights.night()
        fake.between = None
    elif kind == "fault":
        fake.faults = {rest[0]: [rest[1]]}
        nights.night()
        fake.faults = {}
    else:
        act(fake, step)


@pytest.fixture(scope="module")
def host(shared_data: Path) -> Iterator[EdfiFake]:
    """One host; each program empties it first."""
    patch = pytest.MonkeyPatch()
    patch.setattr(clock, "sleep", lambda _seconds: None)
    patch.setattr(edfi_host, "_PAGE", 3)
    patch.setattr(edfi_host, "_LEAST_PAGE", 3)
    patch.setattr("aimline.sources.edfi._stop", lambda *_: None)  # few records go by whole shares
    with running(shared_data) as fake:
        yield fake
    patch.undo()


def emptied(fake: EdfiFake, software: str, standard: str) -> EdfiFake:
    """Return the host with one school and nothing else."""
    fake.records = {name: {} for name in fake.records}
    fake.tracked = {name: {"deletes": [], "keyChanges": []} for name in fake.records}
    fake.software, fake.standard, fake.usual = software, standard, 3
    fake.faults, fake.between = {}, None
    fake.insert("schools", school(101))
    return fake


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    served=st.sampled_from([("6.1", "4.0.0"), ("7.1", "5.0.0"), ("7.3", "5.0.0")]),
    n_before=st.integers(0, 8),
    program=st.lists(STEPS, min_size=1, max_size=14),
)
def test_after_one_more_night_what_is_kept_is_what_the_host_has(
    served: tuple[str, str], n_before: int, program: list[tuple[Any, ...]], host: EdfiFake
) -> None:
    """Edits, deletes, new keys, trades, records made again, slides, faults and killed nights leave no trace."""
    fake = emptied(host, *served)
    for number in range(n_before):
        fake.insert(MARKS, event(str(number), 101, DAYS[0]))
    with tempfile.TemporaryDirectory() as folder:
        nights = Nights(fake, Path(folder))
        for step in program:
            run(fake, nights, step)
        nights.night(is_later="reloaded" in str(program))  # what no change tells of is found once a week
        assert nights.rows("attendance_events") == wanted(fake)
        before = dict(nights.kept)
        nights.night()
        assert nights.kept == before
