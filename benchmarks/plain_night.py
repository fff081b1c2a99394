"""Do a build by hand: one script of plain DuckDB, as someone would write who needs only these measures.

``python -m benchmarks.plain_night FOLDER STATE [add]``: makes everything from what was accepted, wave by wave and, of a
large district, month by month, so that it fits into memory; with ``add`` the day that waits is added. It knows what the
bench district has (marks by periods, whole memberships, one set of groups with everybody in it, no late days, two waves
that came before the waiting day) and does no check, no ledger, no other measure.
"""

import sys
from pathlib import Path

import duckdb

from benchmarks.plain_survey import SURVEY
from benchmarks.survey import ENTITIES
from benchmarks.world import FIRST_DAY, SCHOOL_YEAR
from tests.support.small_world import DISTRICT, weekdays

PARTS = 63000
MADE = "plain.duckdb"
_DAILY = ("events", "submissions")
_MUCH = 128 << 20  # bytes of marks; of fewer, all days at once take a tenth less time

SETUP = f"""
create table days as
select on_date, strftime(on_date, '%G-W%V') as week_id, strftime(on_date, '%Y-%m') as month_id,
    week_id || '/' || month_id as piece_id, max(on_date) over (partition by week_id) as week_last_on
from (select unnest(getvariable('days')) as on_date);
create table periods as
select period_kind, period_id, piece_id, max(max(on_date)) over (partition by period_kind, period_id) as ends_on
from (
    select 'week' as period_kind, week_id as period_id, piece_id, on_date from days
    union all select 'month', month_id, piece_id, on_date from days
    union all select 'year', '{SCHOOL_YEAR}', piece_id, on_date from days
    union all
    select 'year_to_date', cast(weeks.week_last_on as varchar), days.piece_id, days.on_date
    from days inner join (select distinct week_last_on from days) as weeks on days.on_date <= weeks.week_last_on
)
group by period_kind, period_id, piece_id;
create table people as
select cast(row_number() over () as integer) as student_no, student_key
from (select distinct student_key from read_parquet(getvariable('enrollment')));
create table spans as
select student_no, school_id, grade, entered_on, coalesce(exited_on - 1, date '9999-01-01') as last_on
from read_parquet(getvariable('enrollment')) inner join people using (student_key);
create table groups as
select student_no, student_key, 'all' as group_id from people
union all
select student_no, student_key, case value when 'Y' then 'el' else 'not_el' end
from read_parquet(getvariable('student_attributes')) inner join people using (student_key);
create table member_days (
    on_date date, student_no integer, school_id varchar, is_sent boolean, absent integer
);
create table rooms (on_date date, school_id varchar, n_sent integer, n_rooms integer);
create table pieces (
    piece_id varchar, student_no integer, school_id varchar, n_days bigint, n_sent bigint, absent bigint,
    half_absent bigint
);
create table measures (
    measure_id varchar, period_kind varchar, period_id varchar, unit_id varchar, group_id varchar, numerator bigint,
    denominator bigint
);
"""

ADD_DAYS = f"""
create or replace temp table sent as
select school_id, grade, on_date, bool_and(is_submitted) as is_sent, count(*) filter (is_submitted) as n_sent,
    count(*) as n_rooms
from read_parquet(getvariable('submissions')) group by all;
insert into rooms select on_date, school_id, sum(n_sent), sum(n_rooms) from sent group by all;
create or replace temp table marks as
select student_no, school_id, on_date, sum({PARTS} * periods_absent // periods_scheduled) as absent
from read_parquet(getvariable('events')) inner join people using (student_key) group by all;
insert into member_days
select sent.on_date, spans.student_no, spans.school_id, sent.is_sent,
    case when sent.is_sent then least(coalesce(marks.absent, 0), {PARTS}) else 0 end
from spans
inner join sent
    on spans.school_id = sent.school_id and spans.grade = sent.grade
    and sent.on_date between spans.entered_on and spans.last_on
left join marks
    on spans.student_no = marks.student_no and spans.school_id = marks.school_id and sent.on_date = marks.on_date;
create or replace temp table touched_days as
select distinct on_date, piece_id from sent inner join days using (on_date);
insert into measures
select 'attendance_rate', 'day', cast(on_date as varchar), coalesce(school_id, '{DISTRICT}'),
    coalesce(group_id, 'all'), sum(n_sent * {PARTS} - absent), sum(n_sent * {PARTS})
from (
    select on_date, school_id, group_id, count(*) filter (is_sent) as n_sent, sum(absent) as absent
    from member_days semi join touched_days using (on_date) inner join groups using (student_no)
    where group_id <> 'all' group by all
)
group by on_date, grouping sets ((school_id, group_id), (school_id), (group_id), ());
create or replace temp table touched_pieces as select distinct piece_id from touched_days;
delete from pieces where piece_id in (from touched_pieces);
insert into pieces
select piece_id, student_no, school_id, count(*), count(*) filter (is_sent), sum(absent),
    sum(case when 2 * absent >= {PARTS} then {PARTS} else 0 end)
from member_days inner join days using (on_date)
where piece_id in (from touched_pieces)
group by all;
create or replace temp table touched as
select period_kind, period_id, piece_id
from periods
where ends_on <= (select max(on_date) from member_days) and (period_kind, period_id) in (
    select (period_kind, period_id) from periods where piece_id in (from touched_pieces)
);
delete from measures where (period_kind, period_id) in (select (period_kind, period_id) from touched);
create or replace temp table students as
select period_kind, period_id, student_no, school_id, sum(n_days) as n_days, sum(n_sent) as n_sent,
    sum(absent) as absent, sum(half_absent) as half_absent
from pieces inner join touched using (piece_id)
group by all;
insert into measures
select 'attendance_rate', period_kind, period_id, coalesce(school_id, '{DISTRICT}'), group_id,
    sum(n_sent * {PARTS} - absent), sum(n_sent * {PARTS})
from students inner join groups using (student_no)
group by period_kind, period_id, group_id, grouping sets ((school_id), ());
insert into measures
select 'chronic_absence', period_kind, period_id, coalesce(school_id, '{DISTRICT}'), group_id,
    count(*) filter (is_measured and half_absent * 10 >= n_sent * {PARTS}), count(*) filter (is_measured)
from (select *, n_sent > 0 and n_sent * 10 >= n_days * 9 as is_measured from students)
inner join groups using (student_no)
where period_kind in ('year', 'year_to_date') and n_days >= 10
group by period_kind, period_id, group_id, grouping sets ((school_id), ());
insert into measures
select 'submission_completeness', period_kind, period_id, coalesce(school_id, '{DISTRICT}'), 'all',
    sum(n_sent), sum(n_rooms)
from rooms inner join days using (on_date) inner join touched using (piece_id)
group by period_kind, period_id, grouping sets ((school_id), ());
"""


def main(words: list[str]) -> None:
    """Make everything, or add one day."""
    folder, state = Path(words[0]), Path(words[1])
    with duckdb.connect(str(folder / MADE)) as connection:
        connection.execute("set TimeZone = 'UTC'")
        if not words[2:]:
            _set(connection, "days", weekdays(FIRST_DAY, 180))
            for entity in ("enrollment", "student_attributes"):
                _set(connection, entity, _files(state / f"accepted/{entity}"))
            connection.execute(SETUP)
            _add(connection, state / "accepted")
            if (state / "accepted/responses").is_dir():
                rosters, responses = (_files(state / f"accepted/{entity}") for entity in ENTITIES)
                _set(connection, "roster", rosters)
                for wave in responses:
                    _set(connection, "responses", [wave])
                    connection.execute(SURVEY)
        else:
            _add(connection, state / "waiting")


def _add(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Add the days of a folder: many of them one month after the other, so that what is grouped fits into memory."""
    events, submissions = (_files(folder / f"attendance_{name}") for name in _DAILY)
    if sum(Path(file).stat().st_size for file in events) < _MUCH:
        parts = [(events, submissions)]
    else:
        marks, sent = _by_month(connection, events), _by_month(connection, submissions)
        parts = [(marks[month], sent[month]) for month in sorted(sent)]
    for events, submissions in parts:
        _set(connection, "events", events)
        _set(connection, "submissions", submissions)
        connection.execute(ADD_DAYS)


def _by_month(connection: duckdb.DuckDBPyConnection, files: list[str]) -> dict[str, list[str]]:
    """Return the files of each month of days, as they themselves say; a file holds one day."""
    _set(connection, "files", files)
    found = connection.execute(
        "select min(stats_min)[:7] as month, file_name from parquet_metadata(getvariable('files')) "
        "where path_in_schema = 'on_date' group by file_name order by file_name"
    ).fetchall()
    months: dict[str, list[str]] = {}
    for month, file in found:
        months.setdefault(month, []).append(file)
    return months


def _files(place: Path) -> list[str]:
    """Return the files of an entity, or the one file named after it."""
    return sorted(str(path) for path in place.rglob("*.parquet")) or [f"{place}.parquet"]


def _set(connection: duckdb.DuckDBPyConnection, name: str, value: object) -> None:
    connection.execute(f"set variable {name} = ?", [value])


if __name__ == "__main__":
    main(sys.argv[1:])
