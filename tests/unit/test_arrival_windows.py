"""What windows decide at the door: which day a response has, of which window a delivery is, what a seal holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aimline.arrival.windows import AFTER_SEAL, Judging, WindowDays, Zones, judge_seal, windows_told
from aimline.warehouse import MEMORY, Connection, connect
from schemas.fields import ENTITIES

SPRING, AUTUMN = date(2027, 3, 14), date(2026, 11, 1)
ZONES = Zones("America/Chicago", {"0104": "America/Denver", "0105": "America/Chicago"})
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Cell:
    """A column whose typed value is the column itself."""

    name: str

    @property
    def typed(self) -> str:
        """The column."""
        return f'"{self.name}"'


CELLS = [Cell(name) for name in ("window_id", "submitted_at", "school_id")]


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A database in memory."""
    with connect(MEMORY, role="build") as opened:
        yield opened


def outside(connection: Connection, day: date, sent: list[tuple[str | None, datetime]]) -> list[int]:
    """The numbers of responses that were sent outside a window of one day."""
    judging = Judging((WindowDays("w", 2027, day, day),), ZONES)
    rows = ", ".join(
        f"({number}, 'w', timestamp '{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}', {repr(school) if school else 'null'})"
        for number, (school, at) in enumerate(sent)
    )
    connection.execute(f"create table cells as from (values {rows}) as t(row_no, window_id, submitted_at, school_id)")
    query = judging.outside(CELLS, 2027)
    return sorted(row["row_no"] for row in connection.rows(query or ""))


@pytest.mark.parametrize("school", ["0104", "0105", "0199"])
@pytest.mark.parametrize("day", [SPRING, AUTUMN, date(2026, 10, 14)])
def test_a_day_lasts_from_midnight_to_midnight_at_the_school(connection: Connection, day: date, school: str) -> None:
    """Days of 23 and 25 hours too: the first and the last second count, the ones beside them do not."""
    zone = ZoneInfo(ZONES.schools.get(school, ZONES.district))
    begins = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    after = day + timedelta(days=1)
    ends = datetime(after.year, after.month, after.day, tzinfo=zone).astimezone(UTC)
    sent = [begins - SECOND, begins, ends - SECOND, ends]
    assert outside(connection, day, [(school, at) for at in sent]) == [0, 3]
    assert ends - begins == timedelta(hours={SPRING: 23, AUTUMN: 25}.get(day, 24))


def test_the_day_is_not_that_of_utc(connection: Connection) -> None:
    """A quarter to midnight in Denver is the next day in UTC, and in time."""
    late = datetime(2026, 11, 1, 23, 45, tzinfo=ZoneInfo("America/Denver"))
    assert late.astimezone(UTC).date() == date(2026, 11, 2)
    assert outside(connection, AUTUMN, [("0104", late), ("0105", late)]) == [1]


def test_who_does_not_tell_a_school_has_the_widest_day(connection: Connection) -> None:
    """Without a school a response is outside only where it is so in every zone; the list of those asked decides."""
    chicago, denver = ZoneInfo("America/Chicago"), ZoneInfo("America/Denver")
    sent = [datetime(2026, 10, 14, tzinfo=chicago), datetime(2026, 10, 14, 23, 59, 59, tzinfo=denver)]
    sent = [sent[0] - SECOND, *sent, sent[1] + SECOND]
    assert outside(connection, date(2026, 10, 14), [(None, at) for at in sent]) == [0, 3]


def test_without_days_nothing_is_outside() -> None:
    """A window nobody declared, another year, or a source without instants: nothing is judged."""
    judging = Judging((WindowDays("w", 2027, AUTUMN, AUTUMN),), ZONES)
    assert judging.outside(CELLS, 2026) is None
    assert judging.outside(CELLS[:1], 2027) is None
    assert Judging((), ZONES).outside(CELLS, 2027) is None


@pytest.mark.parametrize(
    ("facts", "year"),
    [
        ({"window": "w", "date": "2027-07-10", "school_year": "2028"}, {"school_year": "2027"}),
        ({"window": "w", "date": "2027-10-30", "school_year": "2028"}, {"school_year": "2028"}),
        ({"window": "other", "date": "2027-07-10", "school_year": "2028"}, {}),
        ({"date": "2027-07-10", "school_year": "2028"}, {}),
    ],
)
def test_what_comes_in_summer_is_of_the_year_that_ended(facts: dict[str, str], year: dict[str, str]) -> None:
    """A delivery that names a window is of the newest one that had opened, whatever the first of July says."""
    days = {2027: date(2026, 10, 14), 2028: date(2027, 10, 20)}
    windows = tuple(WindowDays("w", each, day, day) for each, day in days.items())
    assert Judging(windows, ZONES).year_told(facts, date(2027, 7, 10)) == year


def visits(connection: Connection, *days: str) -> None:
    """Make the good rows of a delivery of walkthroughs, one on each day."""
    columns = ", ".join(
        f"cast({'unnest($1::date[])' if column.name == 'on_date' else 'null'} as {column.field.type}) as {column.name}"
        for column in ENTITIES["walkthroughs"]
    )
    connection.execute("create or replace table bad (row_no bigint)")
    connection.execute(f"create or replace table final as select 1 as row_no, {columns}", [list(days)])


FALL = WindowDays("walk_fall", 2027, date(2026, 9, 22), date(2026, 10, 12))
WINTER = WindowDays("walk_winter", 2027, date(2027, 1, 13), date(2027, 2, 3))


def test_rows_that_name_no_window_are_of_those_in_whose_days_they_lie(connection: Connection) -> None:
    """A log of two windows is of both; between them it is of none."""
    for days, told in ((["2026-10-01", "2027-01-20"], (FALL, WINTER)), (["2026-12-01"], ())):
        visits(connection, *days)
        assert windows_told(connection, "walkthroughs", {"school_year": "2027"}, (FALL, WINTER)) == told


def test_a_log_that_grows_is_held_for_what_is_new_in_a_sealed_window(connection: Connection, tmp_path: Path) -> None:
    """Rows that were in before the seal come along every week; one more of those days waits for a person."""
    known = tmp_path / "known.parquet"
    visits(connection, "2026-10-01")
    connection.execute(f"copy (select * exclude (row_no) from final) to '{known}'")
    delivery: Any = type("D", (), {"sealed": {FALL.slot: date(2026, 10, 20)}, "source": type("S", (), {})()})()
    delivery.source.entity = "walkthroughs"
    for days, codes in ((["2026-10-01", "2027-01-20"], []), (["2026-10-01", "2026-10-02"], [AFTER_SEAL])):
        visits(connection, *days)
        held = judge_seal(connection, delivery, (FALL, WINTER), [str(known)])
        assert [each.code for each in held] == codes
