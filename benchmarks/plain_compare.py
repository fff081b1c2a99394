"""The part of the script by hand that compares: a group with all others, a wave of a survey with the one before.

It knows two groups, and units of more than thirty people (Fisher's expansion of Student's t).
"""

from benchmarks.survey import PARTS
from tests.support.small_world import DISTRICT

Z = 1.959963984540054

SETUP = f"""
create or replace macro t_975(df) as {Z} + {(Z**3 + Z) / 4} / df
    + {(5 * Z**5 + 16 * Z**3 + 3 * Z) / 96} / pow(df, 2)
    + {(3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384} / pow(df, 3)
    + {(79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92160} / pow(df, 4);
create table waves (
    window_id varchar, scale_id varchar, unit_id varchar, n_people bigint, mean double, variance double
);
create table scores (
    window_id varchar, scale_id varchar, student_no integer, school_id varchar, score_parts integer
);
create table gaps (
    measure_id varchar, period_kind varchar, period_id varchar, unit_id varchar, group_id varchar, gap double,
    gap_low double, gap_high double, ratio double, ratio_low double, ratio_high double, standardized double
);
create table changes (
    window_id varchar, scale_id varchar, unit_id varchar, compares varchar, n_before bigint, n_after bigint,
    change double, interval_low double, interval_high double, g double
);
"""

WAVES = f"""
create or replace temp table wave as
select window_id, scale_id, unit_id, n_people, score_parts / {PARTS} / n_people as mean,
    (n_people * score_part_squares - score_parts * score_parts) / n_people / (n_people - 1)
    / {PARTS * PARTS} as variance
from scored where group_id = 'all';
insert into changes
with compared as (
    select now.window_id, scale_id, unit_id, 'cross_section' as compares, earlier.n_people as n1, now.n_people as n2,
        earlier.mean as m1, now.mean as m2, earlier.variance as s1, now.variance as s2, s1 / n1 + s2 / n2 as error,
        error * error / (s1 * s1 / n1 / n1 / (n1 - 1) + s2 * s2 / n2 / n2 / (n2 - 1)) as df
    from wave as now inner join waves as earlier using (scale_id, unit_id)
    union all
    select scales.window_id, scale_id, coalesce(scales.school_id, '{DISTRICT}'), 'matched', count(*), count(*),
        avg(scores.score_parts) / {PARTS}, avg(scales.score_parts) / {PARTS},
        var_samp(scores.score_parts) / {PARTS * PARTS}, var_samp(scales.score_parts) / {PARTS * PARTS},
        var_samp(scales.score_parts - scores.score_parts) / {PARTS * PARTS} / count(*), count(*) - 1
    from scales inner join scores using (scale_id, student_no)
    group by scales.window_id, scale_id, grouping sets ((scales.school_id), ())
)
select window_id, scale_id, unit_id, compares, n1, n2, m2 - m1, m2 - m1 - t_975(df) * sqrt(error),
    m2 - m1 + t_975(df) * sqrt(error),
    (1 - 3 / (4.0 * (n1 + n2 - 2) - 1)) * (m2 - m1) / sqrt(((n1 - 1) * s1 + (n2 - 1) * s2) / (n1 + n2 - 2))
from compared;
create or replace table waves as from wave;
create or replace table scores as select window_id, scale_id, student_no, school_id, score_parts from scales;
insert into gaps
with sides as (
    select one.window_id, one.scale_id, one.unit_id, one.group_id, one.n_people as n1, whole.n_people - n1 as n0,
        one.score_parts / {PARTS} as t1, whole.score_parts / {PARTS} - t1 as t0,
        one.score_part_squares / {PARTS * PARTS} as q1, whole.score_part_squares / {PARTS * PARTS} - q1 as q0
    from scored as one inner join scored as whole using (window_id, scale_id, unit_id)
    where one.group_id <> 'all' and whole.group_id = 'all'
)
select 'scale_mean/' || scale_id, 'window', window_id, unit_id, group_id, t1 / n1 - t0 / n0 as gap, null, null, null,
    null, null,
    (1 - 3 / (4.0 * (n1 + n0 - 2) - 1)) * gap / sqrt((q1 - t1 * t1 / n1 + q0 - t0 * t0 / n0) / (n1 + n0 - 2))
from sides;
"""

GROUPS = f"""
delete from gaps where measure_id not like 'scale_mean%';
insert into gaps
with risks as (
    select *, numerator / denominator as p,
        ({Z} * {Z} / (2 * denominator) + p) / (1 + {Z} * {Z} / denominator) as middle,
        {Z} * sqrt(p * (1 - p) / denominator + {Z} * {Z} / (4 * denominator * denominator))
        / (1 + {Z} * {Z} / denominator) as half,
        greatest(middle - half, 0) as low, least(middle + half, 1) as high
    from (
        select measure_id, period_kind, period_id, unit_id, group_id, cast(numerator as double) as numerator,
            cast(denominator as double) as denominator
        from measures
        where measure_id = 'response_rate/survey/gross' or (measure_id = 'chronic_absence' and period_id = (
            select max(period_id) from measures where measure_id = 'chronic_absence' and period_kind = 'year_to_date'
        ))
    ) where group_id <> 'all' and denominator > 0
)
select one.measure_id, one.period_kind, one.period_id, one.unit_id, one.group_id, one.p - other.p as gap,
    gap - sqrt(power(one.p - one.low, 2) + power(other.high - other.p, 2)),
    gap + sqrt(power(one.high - one.p, 2) + power(other.p - other.low, 2)),
    one.p / other.p as ratio, ratio * exp(-{Z} * error), ratio * exp({Z} * error), null
from (
    select one, other, sqrt(
            1 / one.numerator - 1 / one.denominator + 1 / other.numerator - 1 / other.denominator
        ) as error
    from risks as one inner join risks as other using (measure_id, period_kind, period_id, unit_id)
    where one.group_id <> other.group_id
);
"""
