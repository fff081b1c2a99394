"""Make a large district with a year of accepted attendance: seeded, fast, straight to Parquet and journal.

Only its size is like a real one's; it is for measuring, never for telling anything of students. Marks are exceptions,
as most systems send them: no row for a student who was there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from aimline.journal import Event
from aimline.warehouse import Connection, connect, quote_ident, quote_literal
from benchmarks import survey
from schemas.fields import duckdb_columns
from tests.support.small_world import DISTRICT, World, weekdays

FIRST_DAY = date(2026, 8, 19)
SCHOOL_YEAR = 2027
YEAR_DAYS = 180
SOURCE = "bench"
DAILY = ("attendance_events", "attendance_submissions")
GROUPS = (("Y", "el", 1), ("N", "not_el", 2))


@dataclass(frozen=True)
class Size:
    """How large a district is, and what it grows from.

    Attributes:
        n_students: Students at the first day; one in thirty changes school during the year.
        n_schools: Schools: three fifths elementary, one fifth each middle and high.
        n_days: School days of the year that have been delivered.
        n_years: School years, the earlier ones whole.
        has_survey: Whether everyone is asked fifty items twice a year.
        seed: Another number, another district.
    """

    n_students: int = 60_000
    n_schools: int = 100
    n_days: int = 120
    n_years: int = 1
    has_survey: bool = False
    seed: int = 7

    def __str__(self) -> str:
        """Write it for the line of a bar."""
        asked = ", two survey waves" if self.has_survey else ""
        before = f"{self.n_days + YEAR_DAYS * (self.n_years - 1)} days before"
        return f"{self.n_students:,} students, {self.n_schools} schools, {before}{asked}"


SIZES = {
    "S": Size(n_students=5_000, n_schools=10, n_days=179, has_survey=True),
    "M": Size(n_students=60_000, n_schools=100, n_days=179, has_survey=True),
    "L": Size(n_students=900_000, n_schools=1_600, n_days=179, has_survey=True),
}
"""Districts with a school year of 180 days, whose last one waits."""


def school_days(size: Size) -> list[date]:
    """Return the delivered days and the new one."""
    return _earlier(size) + weekdays(FIRST_DAY, size.n_days + 1)


def _first_day(n_years_ago: int) -> date:
    return FIRST_DAY.replace(year=FIRST_DAY.year - n_years_ago)


def _earlier(size: Size) -> list[date]:
    """Return the school days of the years before."""
    years = range(size.n_years - 1, 0, -1)
    return [day for n_years_ago in years for day in weekdays(_first_day(n_years_ago), YEAR_DAYS)]


def as_of(day: date) -> date:
    """Return the day on whose night a school day is known."""
    return day + timedelta(days=1)


def make(root: Path, size: Size) -> World:
    """Make the district in a state root, with every school day delivered but the last; ``deliver`` brings that."""
    days = school_days(size)
    world = World(root, today=_first_day(size.n_years - 1) - timedelta(days=1))
    world.declare(groups=[_group(*group) for group in GROUPS], n_min=10)
    year = weekdays(FIRST_DAY, YEAR_DAYS)
    world.calendar(_earlier(size) + year)
    waves = survey.windows(year) if size.has_survey else []
    if waves:
        survey.declare(world, year)
    with connect(role="memory") as connection:
        _people(connection, size)
        _marks(connection, size, days)
        writer = _Writer(world, connection)
        for entity in ("schools", "student_attributes"):
            writer.accept(entity, entity, str(SCHOOL_YEAR))
        for school_year in range(SCHOOL_YEAR - size.n_years + 1, SCHOOL_YEAR + 1):
            named = f"enrollment_{school_year}"
            connection.execute(f"create view {named} as from enrollment where school_year = {school_year}")
            writer.accept("enrollment", named, str(school_year))
        for day in days[:-1]:
            writer.deliver(day)
            for wave in (each for each in waves if each.closes_on == day):
                survey.tables(connection, wave, size)
                for entity in survey.ENTITIES:
                    writer.accept(entity, f"{entity}_{wave.window_id}", wave.slot)
        for entity in DAILY:
            writer.keep(f"{entity}_{days[-1]:%Y%m%d}", _waiting(world, entity), {})
    return world


def deliver(world: World, day: date) -> None:
    """Accept the new day, which ``make`` left waiting beside the accepted ones."""
    with connect(role="memory") as connection:
        for entity in DAILY:
            waiting = quote_literal(str(_waiting(world, entity)))
            connection.execute(f"create view {entity}_{day:%Y%m%d} as from read_parquet({waiting})")
        _Writer(world, connection).deliver(day)


def correct(world: World, days: Sequence[date]) -> None:
    """Accept the marks of old days once more, a tenth of them taken back, on the world's newest day."""
    with connect(role="memory") as connection:
        writer = _Writer(world, connection)
        for day in days:
            slot = day.isoformat()
            old = world.store.path(f"accepted/{DAILY[0]}/batch={_batch_id(DAILY[0], slot)}/part-0.parquet")
            kept = f"from read_parquet({quote_literal(str(old))}) where hash(student_key) % 10 > 0"
            connection.execute(f"create view late_{day:%Y%m%d} as {kept}")
            writer.accept(DAILY[0], f"late_{day:%Y%m%d}", slot, "late")


def _batch_id(entity: str, slot: str, again: str = "") -> str:
    return sha256(f"{entity}|{slot}{again}".encode()).hexdigest()[:16]


def _waiting(world: World, entity: str) -> Path:
    return world.root / f"waiting/{entity}.parquet"


def _group(value: str, group_id: str, group_no: int) -> dict[str, Any]:
    told = {"group_set_id": "english_learner", "attribute": "english_learner", "set_label_en": "English learners"}
    words = {"value": value, "group_id": group_id, "label_en": group_id, "group_no": group_no}
    return told | words | {"member_on": "ever_in_year", "reference": "all_others", "unmapped": "fail"}


def _people(connection: Connection, size: Size) -> None:
    """Make schools, memberships and groups as tables; in earlier years nobody moved."""
    since = _on(_first_day(size.n_years - 1))
    years = ", ".join(f"({SCHOOL_YEAR - ago}, {_on(_first_day(ago))})" for ago in range(1, size.n_years))
    connection.execute(
        f"""
        create table schools as
        select
            printf('%04d', no + 100) as school_id, {since} as valid_from, 'School ' || no as name,
            'regular' as kind, {since} as opens_on,
            case when no * 5 <= 3 * {size.n_schools} then 'elementary'
                when no * 5 <= 4 * {size.n_schools} then 'middle' else 'high' end as level
        from range(1, {size.n_schools + 1}) as t(no);
        create table students as
        select
            no, {_key("'student' || no", size)} as student_key, 1 + no % {size.n_schools} as school_no,
            hash('moves', no, {size.seed}) % 30 = 0 as is_mover, hash('group', no, {size.seed}) % 10 < 2 as is_el,
            2 + hash('absent', no, {size.seed}) % 10 * (hash('more', no, {size.seed}) % 4) as absences_in_100
        from range({size.n_students}) as t(no);
        create table placed as
        select students.*, schools.school_id,
            case level
                when 'elementary' then ['K', '1', '2', '3', '4', '5'][1 + students.no // {size.n_schools} % 6]
                when 'middle' then ['6', '7', '8'][1 + students.no // {size.n_schools} % 3]
                else ['9', '10', '11', '12'][1 + students.no // {size.n_schools} % 4] end as grade,
            schools.level
        from students inner join schools on printf('%04d', students.school_no + 100) = schools.school_id;
        create table enrollment as
        with moved as (
            select placed.*, {_on(FIRST_DAY)} + 60 as moved_on,
                coalesce(lead(school_id) over (partition by level, grade order by school_no, no), school_id) as other_id
            from placed
        )
        select student_key, school_id, grade, {_on(FIRST_DAY)} as entered_on,
            case when is_mover and other_id <> school_id then moved_on end as exited_on
        from moved
        union all by name
        select student_key, other_id as school_id, grade, moved_on as entered_on, null as exited_on
        from moved where is_mover and other_id <> school_id;
        alter table enrollment add column school_year integer default {SCHOOL_YEAR};
        alter table enrollment add column enrollment_id varchar default '';
        alter table enrollment add column is_primary boolean default true;
        alter table enrollment add column fte decimal(4, 3) default 1;
        create table student_attributes as
        select student_key, 'english_learner' as attribute, case when is_el then 'Y' else 'N' end as value,
            {since} as valid_from from students;
        """
    )
    if years:
        connection.execute(
            f"""
            insert into enrollment by name
            select student_key, school_id, grade, first_on as entered_on, year as school_year, '' as enrollment_id,
                true as is_primary, 1 as fte
            from placed cross join (values {years}) as earlier(year, first_on)
            """
        )


def _marks(connection: Connection, size: Size, days: list[date]) -> None:
    """Make the marks and what the homerooms sent, one table a day."""
    listed = ", ".join(_on(day) for day in days)
    connection.execute(
        f"""
        create table days as
        select on_date, year(on_date) + cast(month(on_date) >= 7 as integer) as school_year
        from (select unnest([{listed}]) as on_date);
        create table marks as
        with drawn as (
            select enrollment.student_key, enrollment.school_id, days.on_date, students.absences_in_100,
                hash('day', students.no, days.on_date, {size.seed}) as luck
            from students
            inner join enrollment using (student_key)
            inner join days on days.school_year = enrollment.school_year and days.on_date >= enrollment.entered_on
                and (enrollment.exited_on is null or days.on_date < enrollment.exited_on)
        )
        select student_key, school_id, on_date, '' as section_id, 7 as periods_scheduled,
            case when luck // 100 % 5 = 0 then 3 else 7 end as periods_absent,
            case when luck // 1000 % 3 = 0 then 'unexcused' else 'excused' end as category,
            case when luck // 1000 % 3 = 0 then 'U' else 'A' end as raw_code
        from drawn where luck % 100 < absences_in_100;
        create table sent as
        select rooms.school_id, days.on_date, rooms.grade || '-' || room.no as homeroom_id, rooms.grade,
            hash('sent', rooms.school_id, rooms.grade, room.no, days.on_date, {size.seed}) % 400 > 0 as is_submitted
        from (select distinct school_id, grade from enrollment) as rooms
        cross join range(1, 5) as room(no)
        cross join days;
        """
    )
    for day in days:
        for entity, table in zip(DAILY, ("marks", "sent"), strict=True):
            connection.execute(f"create view {entity}_{day:%Y%m%d} as select * from {table} where on_date = {_on(day)}")


@dataclass(frozen=True)
class _Writer:
    """Writes deliveries of a world as the door would have left them."""

    world: World
    connection: Connection

    def deliver(self, day: date) -> None:
        """Accept what came in the night after a school day."""
        self.world.today = as_of(day)
        for entity in DAILY:
            self.accept(entity, f"{entity}_{day:%Y%m%d}", day.isoformat())

    def accept(self, entity: str, table: str, slot: str, again: str = "") -> None:
        """Write one delivery, which fills one slot, and its event; ``again`` tells it from the one before it."""
        batch_id = _batch_id(entity, slot, again)
        received = datetime.combine(self.world.today, time(9, 30), UTC)
        names = {"batch_id": batch_id, "source_id": SOURCE, "entity": entity, "load_mode": "full"}
        envelope = {"district_id": DISTRICT, "slot": slot, "received_at": received.replace(tzinfo=None)}
        path = self.world.store.path(f"accepted/{entity}/batch={batch_id}/part-0.parquet")
        n_rows = self.keep(table, path, names | envelope)
        payload = names | {"slots": [slot], "received_at": received.isoformat(), "name": f"{entity}.csv", "notes": []}
        payload |= {"sha256": batch_id, "n_received": n_rows, "n_accepted": n_rows, "n_quarantined": 0, "n_ignored": 0}
        event = Event("batch_accepted", batch_id, self.world.today, f"batch_accepted|{batch_id}", payload)
        self.world.journal.append([event], at=received)

    def keep(self, table: str, path: Path, told: Mapping[str, Any]) -> int:
        """Write the rows of a table as an entity has them; return how many they are."""
        entity = str(told.get("entity") or path.stem)
        columns = self.connection.rows(f"select column_name as name from (describe {table})")
        cells = ", ".join(_cells({column["name"] for column in columns}, told, entity))
        path.parent.mkdir(parents=True, exist_ok=True)
        order = "" if entity in survey.ENTITIES else "order by all"  # those come in the order of people
        rows = f"select {cells} from (from {table} {order})"
        self.connection.execute(f"copy ({rows}) to {quote_literal(str(path))} (format parquet)")
        records = "distinct row_no" if "row_no" in {column["name"] for column in columns} else "*"
        return int(self.connection.rows(f"select count({records}) as n from {table}")[0]["n"])


def _cells(have: set[str], told: Mapping[str, Any], entity: str) -> Iterator[str]:
    """Write every column of an entity: told, in the table, or empty."""
    known = {"row_no": "row_number() over ()", "is_deleted": "false"}
    known |= {name: quote_ident(name) for name in have}
    known |= {name: quote_literal(str(value)) for name, value in told.items()}
    for name, kind in duckdb_columns(entity).items():
        yield f"cast({known.get(name, 'null')} as {kind}) as {quote_ident(name)}"


def _key(text: str, size: Size) -> str:
    """Write the expression of a pseudonym: as long as a real one."""
    return f"substr(sha256({text} || '|{size.seed}'), 1, 26)"


def _on(day: date) -> str:
    return f"date '{day}'"
