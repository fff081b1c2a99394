"""The attendance part of the script by hand: rates, averages, tiers, chronic absence, who can recover, registers.

It knows what the bench district has: marks by periods, whole memberships that never overlap, nobody twice at a school,
one set of groups with everybody in it, one definition of chronic absence, no late days.
"""

from benchmarks.world import SCHOOL_YEAR
from tests.support.small_world import DISTRICT

PARTS = 63000
_TIERS = ("satisfactory", "at_risk", "moderate", "severe")
_N_TIERS = ", ".join(f"n_{tier}" for tier in _TIERS)
_SUMS = ("n_sent", "absent", "absent_squares", "products", "sent_squares", *(f"n_{tier}" for tier in _TIERS))
_ONCE = ", ".join(f"if(school_id is null or not is_mover, {each}, 0) as {each}" for each in _SUMS)

SETUP = f"""
create table days as
select on_date, strftime(on_date, '%G-W%V') as week_id, strftime(on_date, '%Y-%m') as month_id,
    week_id || '/' || month_id as piece_id, max(on_date) over (partition by week_id) as week_last_on,
    row_number() over (order by on_date) as day_no
from (select unnest(getvariable('days')) as on_date);
create table periods as
select period_kind, period_id, piece_id, count(*) as n_days,
    max(max(on_date)) over (partition by period_kind, period_id) as ends_on,
    max(max(day_no)) over (partition by period_kind, period_id) as ends_no
from (
    select 'week' as period_kind, week_id as period_id, piece_id, on_date, day_no from days
    union all select 'month', month_id, piece_id, on_date, day_no from days
    union all select 'year', '{SCHOOL_YEAR}', piece_id, on_date, day_no from days
    union all
    select 'year_to_date', cast(weeks.week_last_on as varchar), days.piece_id, days.on_date, days.day_no
    from days inner join (select distinct week_last_on from days) as weeks on days.on_date <= weeks.week_last_on
)
group by period_kind, period_id, piece_id;
create table people as
select cast(row_number() over () as integer) as student_no, student_key
from (select distinct student_key from read_parquet(getvariable('enrollment')));
create table spans as
select student_no, school_id, grade, entered_on, coalesce(exited_on - 1, date '9999-01-01') as last_on,
    (select count(*) from days where on_date < entered_on) as days_before,
    (select count(*) from days where on_date <= last_on) as days_until
from read_parquet(getvariable('enrollment')) inner join people using (student_key);
create table movers as select student_no from spans group by student_no having count(*) > 1;
create table groups as
select student_no, student_key, case value when 'Y' then 'el' else 'not_el' end as group_id
from read_parquet(getvariable('student_attributes')) inner join people using (student_key);
create table member_days (
    on_date date, student_no integer, school_id varchar, is_sent boolean, absent integer
);
create table rooms (on_date date, school_id varchar, n_sent integer, n_rooms integer);
create table pieces (
    piece_id varchar, student_no integer, school_id varchar, n_days integer, n_sent integer, absent integer,
    half_absent integer
);
create table measures (
    measure_id varchar, period_kind varchar, period_id varchar, unit_id varchar, group_id varchar,
    numerator decimal(38, 9), denominator decimal(38, 9), value double, n_people bigint, se double,
    interval_low double, interval_high double, reliability double
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
insert into measures by name
select 'attendance_rate' as measure_id, 'day' as period_kind, cast(on_date as varchar) as period_id,
    coalesce(school_id, '{DISTRICT}') as unit_id, coalesce(group_id, 'all') as group_id,
    sum(n_sent * {PARTS} - absent) as numerator, sum(n_sent * {PARTS}) as denominator, numerator / denominator as value,
    sum(n_sent) as n_people
from (
    select on_date, school_id, group_id, count(*) filter (is_sent) as n_sent, sum(absent) as absent
    from member_days semi join touched_days using (on_date) inner join groups using (student_no)
    group by all
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
select period_kind, period_id, piece_id, n_days, ends_no
from periods
where ends_on <= (select max(on_date) from member_days) and (period_kind, period_id) in (
    select (period_kind, period_id) from periods where piece_id in (from touched_pieces)
);
create or replace temp table touched_periods as
select period_kind, period_id, any_value(ends_no) as ends_no, sum(n_days) as n_days from touched group by all;
delete from measures where (period_kind, period_id) in (select (period_kind, period_id) from touched);
create or replace temp table students as
select *, n_sent > 0 and n_sent * 10 >= n_days * 9 as is_measured,
    period_kind in ('year', 'year_to_date') and n_days >= 10 as is_eligible,
    is_eligible and is_measured as is_judged,
    is_judged and half_absent * 10 >= n_sent * {PARTS} as is_chronic
from (
    select period_kind, period_id, student_no, school_id, cast(sum(pieces.n_days) as integer) as n_days,
        cast(sum(n_sent) as integer) as n_sent, cast(sum(absent) as integer) as absent,
        cast(sum(half_absent) as integer) as half_absent
    from pieces inner join touched using (piece_id)
    group by period_kind, period_id, student_no, school_id
);
create or replace temp table cells as
select period_kind, period_id, school_id, group_id, is_mover, count(*) filter (n_sent > 0) as n_people,
    sum(n_sent) as n_sent, sum(absent) as absent,
    sum(cast(absent // 63 as bigint) * (absent // 63)) as absent_squares,
    sum(cast(absent // 63 as bigint) * n_sent) * 1000 as products,
    sum(cast(n_sent as bigint) * n_sent) * 1000000 as sent_squares,
    count(*) filter (is_measured and 20 * absent < n_sent * {PARTS}) as n_satisfactory,
    count(*) filter (is_measured and 20 * absent >= n_sent * {PARTS} and 10 * absent < n_sent * {PARTS}) as n_at_risk,
    count(*) filter (is_measured and 10 * absent >= n_sent * {PARTS} and 5 * absent < n_sent * {PARTS}) as n_moderate,
    count(*) filter (is_measured and 5 * absent >= n_sent * {PARTS}) as n_severe,
    count(*) filter (is_eligible) as n_eligible, count(*) filter (is_judged) as n_judged,
    count(*) filter (is_chronic) as n_chronic
from (
    select students.*, student_no in (from movers) as is_mover from students
    union all
    select period_kind, period_id, student_no, null as school_id, cast(sum(n_days) as integer),
        cast(sum(n_sent) as integer), cast(sum(absent) as integer), cast(sum(half_absent) as integer),
        sum(n_sent) > 0 and sum(n_sent) * 10 >= sum(n_days) * 9, false, bool_or(is_judged), false, true
    from students semi join movers using (student_no) group by period_kind, period_id, student_no
) inner join groups using (student_no)
group by period_kind, period_id, school_id, group_id, is_mover;
create or replace temp table figures as
with units as (
    select * exclude (is_mover), n_judged as n_people_judged from cells where school_id is not null
    union all by name
    -- in the district who moved is one person, and chronic absence adds up the schools
    select * exclude (school_id, is_mover, n_people, n_judged), null as school_id,
        case when school_id is null or not is_mover then n_people end as n_people,
        case when school_id is not null then n_judged end as n_judged,
        case when school_id is null or not is_mover then n_judged end as n_people_judged
    from (
        select * replace (
            {_ONCE}
        ) from cells
    )
)
select period_kind, period_id, coalesce(school_id, '{DISTRICT}') as unit_id, coalesce(group_id, 'all') as group_id,
    sum(columns(* exclude (period_kind, period_id, school_id, group_id)))
from units
group by period_kind, period_id, school_id, grouping sets ((group_id), ());
insert into measures by name
select 'attendance_rate' as measure_id, period_kind, period_id, unit_id, group_id,
    n_sent * {PARTS} - absent as numerator, n_sent * {PARTS} as denominator, numerator / denominator as value, n_people,
    case when period_kind in ('year', 'year_to_date') and n_people > 1 then sqrt(greatest(
        absent_squares - 2 * (absent / (n_sent * {PARTS})) * products
        + power(absent / (n_sent * {PARTS}), 2) * sent_squares, 0
    ) * n_people / (n_people - 1)) / (n_sent * 1000) end as se
from figures;
insert into measures by name
select unnest(['average_daily_attendance', 'average_daily_membership']) as measure_id, period_kind, period_id, unit_id,
    group_id, unnest([numerator, denominator]) as numerator, n_days * {PARTS} as denominator,
    unnest([measures.numerator, measures.denominator]) / (n_days * {PARTS}) as value, n_people
from measures inner join touched_periods using (period_kind, period_id) where measure_id = 'attendance_rate';
insert into measures by name
select 'absence_tier/' || tier as measure_id, * exclude (tier), numerator / denominator as value,
    denominator as n_people
from (
    select period_kind, period_id, unit_id, group_id, unnest({list(_TIERS)}) as tier,
        unnest([{_N_TIERS}]) as numerator, list_sum([{_N_TIERS}]) as denominator
    from figures where period_kind in ('year', 'year_to_date')
);
insert into measures by name
select 'chronic_absence' as measure_id, period_kind, period_id, unit_id, group_id, n_chronic as numerator,
    n_judged as denominator, numerator / denominator as value, n_people_judged as n_people
from figures where n_eligible > 0;
insert into measures by name
with recovering as (
    select period_kind, period_id, coalesce(school_id, '{DISTRICT}') as unit_id, coalesce(group_id, 'all') as group_id,
        count(*) as n_recovering
    from students
    inner join touched_periods using (period_kind, period_id)
    inner join spans using (student_no, school_id)
    inner join groups using (student_no)
    where is_chronic and half_absent * 10
        < (n_sent + greatest(spans.days_until - greatest(ends_no, spans.days_before), 0)) * {PARTS}
    group by period_kind, period_id, grouping sets ((school_id, group_id), (school_id), (group_id), ())
)
select 'recoverable_share' as measure_id, period_kind, period_id, unit_id, group_id,
    coalesce(n_recovering, 0) as numerator, n_chronic as denominator, numerator / denominator as value,
    n_chronic as n_people
from figures left join recovering using (period_kind, period_id, unit_id, group_id) where n_eligible > 0;
insert into measures by name
select 'submission_completeness' as measure_id, period_kind, period_id, coalesce(school_id, '{DISTRICT}') as unit_id,
    'all' as group_id, sum(n_sent) as numerator, sum(n_rooms) as denominator, numerator / denominator as value
from rooms inner join days using (on_date) inner join touched using (piece_id)
group by period_kind, period_id, grouping sets ((school_id), ());
"""
