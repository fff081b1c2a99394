"""The survey part of the script by hand: response rates, scale means, percent favorable, products of items.

It knows what the bench district asks (everyone, by name, one response each, an instrument with five options) and sets
aside who was too quick, ticked one option throughout or left most of it empty, as the product does.
"""

from benchmarks.survey import FORM, SCALES
from tests.support.small_world import DISTRICT

PARTS = 60  # a mean of one to five items is a whole number of these

_ITEMS = ", ".join(
    f"('{item}', {number}, '{scale}', {place}, {str(item in FORM.reversed_columns).lower()})"
    for number, (scale, place, item) in enumerate(
        (scale, place, item) for scale, items in SCALES.items() for place, item in enumerate(items, 1)
    )
)
_OPTIONS = ", ".join(f"count(*) filter (option = {option})" for option in range(1, 6))
_PAIRS = ", ".join(f"sum(v{one} * v{other})" for one in range(1, 6) for other in range(one, 6))
_WIDE = ", ".join(f"max(case place when {place} then value end) as v{place}" for place in range(1, 6))

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
select window_id, response_id, scale_id, count(*) as n_answered, sum(value) as total,
    count(*) filter (value >= 4) as n_favorable, {_WIDE}
from answers semi join usable using (window_id, response_id)
group by window_id, response_id, scale_id
having count(*) * 2 >= {len(next(iter(SCALES.values())))};
create or replace temp table products as
select window_id, scale_id, {_PAIRS} from scales
where n_answered = {len(next(iter(SCALES.values())))} group by all;
create table if not exists item_products as from products limit 0;
insert into item_products from products;
insert into measures
select 'response_rate/survey', 'window', window_id, coalesce(school_id, '{DISTRICT}'), group_id,
    count(response_id), count(*)
from rosters
left join usable using (window_id, respondent_key, school_id)
inner join groups on rosters.respondent_key = groups.student_key
group by window_id, group_id, grouping sets ((school_id), ());
create or replace temp table scored as
select usable.window_id, usable.school_id, groups.group_id, scales.scale_id, count(*) as n_people,
    sum(total * {PARTS} // scales.n_answered) as score_parts, sum(n_favorable) as n_favorable,
    sum(scales.n_answered) as n_answered, sum(power(total * {PARTS} // scales.n_answered, 2)) as squares,
    sum(power(n_favorable * {PARTS} // scales.n_answered, 2)) as favorable_squares
from scales
inner join usable using (window_id, response_id)
inner join groups on usable.respondent_key = groups.student_key
group by all;
insert into measures
select unnest(['scale_mean/', 'percent_favorable/']) || scale_id, 'window', window_id,
    coalesce(school_id, '{DISTRICT}'), group_id, unnest([sum(score_parts), sum(n_favorable)]),
    unnest([sum(n_people) * {PARTS}, sum(n_answered)])
from scored group by window_id, scale_id, group_id, grouping sets ((school_id), ());
"""
