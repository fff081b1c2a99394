"""The survey part of the script by hand: rates, means and shares with their intervals, and their reliability.

It knows what the bench district asks (everyone, by name, one response each, an instrument with five options, the same
in both waves) and sets aside who was too quick, ticked one option throughout or left most of it empty, as the product
does. Omega alone, twenty numbers found by iteration, it leaves out.
"""

from benchmarks.plain_compare import Z
from benchmarks.survey import FORM, N_SCALE_ITEMS, PARTS, SCALES
from tests.support.small_world import DISTRICT

_PLACES = range(1, N_SCALE_ITEMS + 1)
_ITEMS = ", ".join(
    f"('{item}', {number}, '{scale}', {place}, {str(item in FORM.reversed_columns).lower()})"
    for number, (scale, place, item) in enumerate(
        (scale, place, item) for scale, items in SCALES.items() for place, item in enumerate(items, 1)
    )
)
_OPTIONS = ", ".join(f"count(*) filter (option = {option})" for option in range(1, 6))
_WIDE = ", ".join(f"max(case place when {place} then value end) as v{place}" for place in _PLACES)
_ASKED = ", ".join(
    f"count(v{place}) as given_{place}, count(*) filter (v{place} >= 4) as liked_{place}" for place in _PLACES
)
_TOTAL = " + ".join(f"v{place}" for place in _PLACES)
_VARIANCES = " + ".join(f"var_samp(v{place})" for place in _PLACES)
_SHARES = " + ".join(f"cast(liked_{place} / given_{place} as decimal(38, 15))" for place in _PLACES)
_MIDDLE = f"value + {Z} * {Z} / (2 * n_effective)"
_HALF = f"{Z} * sqrt(value * (1 - value) / n_effective + {Z} * {Z} / (4 * n_effective * n_effective))"
_WIDTH = f"(1 + {Z} * {Z} / n_effective)"
_WILSON = f"""
    if(n_effective is null, null, greatest(0, ({_MIDDLE} - {_HALF}) / {_WIDTH})) as interval_low,
    if(n_effective is null, null, least(1, ({_MIDDLE} + {_HALF}) / {_WIDTH})) as interval_high
"""
_RELIABLE = (
    f"case when unit_id <> '{DISTRICT}' and group_id = 'all' then n_people * icc / (1 + (n_people - 1) * icc) end"
)

SURVEY = f"""
create or replace temp table items as
select * from (values {_ITEMS}) as t(item_id, item_no, scale_id, place, is_reversed);
create or replace temp table rosters as
select window_id, respondent_key, school_id from read_parquet(getvariable('roster'))
where window_id in (select window_id from read_parquet(getvariable('responses')));
create or replace temp table answers as
select sent.window_id, sent.response_id, items.item_no, items.scale_id, items.place,
    cast(sent.option_value as tinyint) as option,
    cast(case when items.is_reversed then 6 - cast(sent.option_value as tinyint)
        else cast(sent.option_value as tinyint) end as tinyint) as value,
    items.is_reversed
from read_parquet(getvariable('responses')) as sent inner join items using (item_id)
where sent.answer_state = 'answered';
create or replace temp table heads as
select window_id, response_id, min(respondent_key) as respondent_key, min(duration_seconds) as duration_seconds,
    count(*) as n_presented
from read_parquet(getvariable('responses')) group by window_id, response_id;
create or replace temp table counted as
select window_id, response_id, count(*) as n_answered, greatest({_OPTIONS}) as n_usual
from answers group by window_id, response_id;
create or replace temp table one_line as
with suspects as (
    select window_id, response_id, n_answered from counted where n_answered >= 6 and n_usual * 5 >= n_answered * 4
),
places as (
    select answers.*, suspects.n_answered,
        row_number() over (partition by window_id, response_id order by item_no)
        - row_number() over (partition by window_id, response_id, option order by item_no) as run_no
    from answers inner join suspects using (window_id, response_id)
)
select distinct window_id, response_id from places
group by window_id, response_id, option, run_no, n_answered
having count(*) * 5 >= n_answered * 4 and bool_or(is_reversed) and not bool_and(is_reversed);
create or replace temp table usable as
select window_id, response_id, rosters.respondent_key, rosters.school_id, n_answered, n_presented
from heads
inner join counted using (window_id, response_id)
inner join rosters using (window_id, respondent_key)
anti join one_line using (window_id, response_id)
where duration_seconds >= n_answered and n_answered * 2 >= n_presented;
create or replace temp table scales as
select usable.window_id, scale_id, groups.student_no, usable.school_id, groups.group_id, answered.n_answered, total,
    n_favorable, total * {PARTS} // answered.n_answered as score_parts,
    n_favorable * {PARTS} // answered.n_answered as favorable_parts,
    {", ".join(f"v{place}" for place in _PLACES)}
from (
    select window_id, response_id, scale_id, count(*) as n_answered, cast(sum(value) as integer) as total,
        count(*) filter (value >= 4) as n_favorable, {_WIDE}
    from answers semi join usable using (window_id, response_id)
    group by window_id, response_id, scale_id
    having count(*) * 2 >= {N_SCALE_ITEMS}
) as answered
inner join usable on answered.window_id = usable.window_id and answered.response_id = usable.response_id
inner join groups on usable.respondent_key = groups.student_key;
create or replace temp table rates as
select window_id, coalesce(school_id, '{DISTRICT}') as unit_id, coalesce(group_id, 'all') as group_id,
    count(response_id) as n_usable, count(*) as n_eligible
from rosters
left join usable using (window_id, respondent_key, school_id)
inner join groups on rosters.respondent_key = groups.student_key
group by window_id, grouping sets ((school_id, group_id), (school_id), (group_id), ());
insert into measures by name
select 'response_rate/survey/' || unnest(['gross', 'eligible', 'usable']) as measure_id, 'window' as period_kind,
    window_id as period_id, unit_id, group_id, unnest([n_usable, n_eligible, n_usable]) as numerator,
    unnest([n_eligible, 1, 1]) as denominator, unnest([n_usable / n_eligible, n_eligible, n_usable]) as value,
    unnest([n_eligible, n_eligible, n_usable]) as n_people
from rates;
create or replace temp table placed as
select window_id, scale_id, school_id, group_id, count(*) as n_people, sum(n_answered) as n_answers,
    sum(n_favorable) as n_favorable, sum(n_favorable * n_favorable) as favorable_squares,
    sum(n_favorable * n_answered) as favorable_products, sum(n_answered * n_answered) as answer_squares,
    sum(score_parts) as score_parts, sum(score_parts * score_parts) as score_part_squares,
    sum(favorable_parts) as favorable_parts, sum(favorable_parts * favorable_parts) as favorable_part_squares, {_ASKED}
from scales group by window_id, scale_id, school_id, group_id;
create or replace temp table scored as
select scored.*, n_eligible, greatest(n_eligible - n_people, 0) / (n_eligible - 1) as not_drawn
from (
    select window_id, scale_id, coalesce(school_id, '{DISTRICT}') as unit_id, coalesce(group_id, 'all') as group_id,
        sum(columns(* exclude (window_id, scale_id, school_id, group_id)))
    from placed group by window_id, scale_id, grouping sets ((school_id, group_id), (school_id), (group_id), ())
) as scored inner join rates using (window_id, unit_id, group_id);
create or replace temp table iccs as
select window_id, scale_id, kind, n_people, greatest(
        (between_schools - within_schools) / (between_schools + (usual_size - 1) * within_schools), 0
    ) as icc
from (
    select window_id, scale_id, kind, sum(n) as n_people, (sum(n) - sum(n * n) / sum(n)) / (count(*) - 1) as usual_size,
        (sum(total * total / n) - sum(total) * sum(total) / sum(n)) / (count(*) - 1) as between_schools,
        (sum(squares) - sum(total * total / n)) / (sum(n) - count(*)) as within_schools
    from (
        select window_id, scale_id, cast(n_people as double) as n, unnest(['score', 'favorable']) as kind,
            unnest([score_parts, favorable_parts]) / {PARTS} as total,
            unnest([score_part_squares, favorable_part_squares]) / {PARTS * PARTS} as squares
        from scored where unit_id <> '{DISTRICT}' and group_id = 'all'
    ) group by window_id, scale_id, kind
);
insert into measures by name
select 'school_icc/' || scale_id || '/' || kind as measure_id, 'window' as period_kind, window_id as period_id,
    '{DISTRICT}' as unit_id, 'all' as group_id, icc as value, n_people
from iccs;
insert into measures by name
select 'scale_reliability/' || scale_id || '/alpha' as measure_id, 'window' as period_kind, window_id as period_id,
    '{DISTRICT}' as unit_id, 'all' as group_id,
    {N_SCALE_ITEMS} / {N_SCALE_ITEMS - 1} * (1 - ({_VARIANCES}) / var_samp({_TOTAL})) as value, count(*) as n_people
from scales where n_answered = {N_SCALE_ITEMS} group by window_id, scale_id;
insert into measures by name
select 'scale_mean/' || scale_id as measure_id, 'window' as period_kind, window_id as period_id, unit_id, group_id,
    score_parts as numerator, n_people * {PARTS} as denominator, numerator / denominator as value,
    scored.n_people as n_people,
    sqrt((n_people * score_part_squares - score_parts * score_parts) / (n_people * (n_people - 1)) / n_people
        * not_drawn) / {PARTS} as se,
    value - t_975(n_people - 1) * se as interval_low, value + t_975(n_people - 1) * se as interval_high,
    {_RELIABLE} as reliability
from scored inner join (select * exclude (n_people) from iccs where kind = 'score') using (window_id, scale_id);
insert into measures by name
with estimated as (
    select *, 'pooled' as estimator, n_favorable as numerator, n_answers as denominator, (
            cast(n_answers as double) * n_answers * favorable_squares
            - 2.0 * n_favorable * n_answers * favorable_products
            + cast(n_favorable as double) * n_favorable * answer_squares
        ) / pow(n_answers, 4) * not_drawn as variance
    from scored
    union all
    select *, 'person_mean', favorable_parts, n_people * {PARTS},
        (n_people * favorable_part_squares - favorable_parts * favorable_parts) / pow(n_people * {PARTS}, 2) / n_people
        * not_drawn
    from scored
    union all
    select *, 'item_mean', cast({_SHARES} as decimal(38, 9)), {N_SCALE_ITEMS}, null from scored
)
select 'percent_favorable/' || scale_id || '/' || estimator as measure_id, 'window' as period_kind,
    window_id as period_id, unit_id, group_id, numerator, denominator, numerator / denominator as value, n_people,
    sqrt(variance) as se, {_WILSON}, {_RELIABLE} as reliability
from (
    select *, cast(numerator as double) / cast(denominator as double) as value,
        coalesce(
            nullif(value * (1 - value) / nullif(variance, 0), 0), if(variance is null, null, n_people)
        ) as n_effective
    from estimated
) inner join (select * exclude (n_people) from iccs where kind = 'favorable') using (window_id, scale_id);
"""
