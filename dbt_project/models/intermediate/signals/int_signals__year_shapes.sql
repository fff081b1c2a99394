{% set steps = var('path').steps %}
with

calendar as (
    select * from {{ ref('int_calendar__dates') }}
),

figures as (
    select
        printed.indicator_id,
        printed.school_year,
        calendar.year_day_no / max(calendar.year_day_no) over (partition by calendar.school_year) as passed,
        printed.value,
    from calendar
    left join {{ ref('int_figures__printed') }} as printed
        on
            calendar.school_year = printed.school_year
            and calendar.on_date = printed.period_ends_on
            and printed.period_kind = 'year_to_date'
            and printed.is_judged
            and not printed.is_current
            and printed.unit_type = 'district'
            and printed.group_set_id = 'all'
    left join {{ ref('int_disclosure__pattern') }} as pattern
        on
            printed.population_id = pattern.population_id
            and printed.measure_id = pattern.measure_id
            and printed.cell_id = pattern.cell_id
    qualify printed.value is not null and (printed.counted_kind = 'records' or not pattern.is_suppressed)
),

points as (
    select
        indicator_id,
        school_year,
        passed,
        value / nullif(max(value) filter (passed = 1) over (partition by indicator_id, school_year), 0) as ratio,
    from figures
    qualify ratio is not null
),

neighbours as (
    select
        points.indicator_id,
        points.school_year,
        grid.step_no,
        grid.step_no / {{ steps }} as passed,
        max_by(
            { 'at': points.passed, 'ratio': points.ratio }, points.passed
        ) filter (points.passed <= grid.step_no / {{ steps }}) as before,
        min_by(
            { 'at': points.passed, 'ratio': points.ratio }, points.passed
        ) filter (points.passed >= grid.step_no / {{ steps }}) as after,
    from points
    cross join (select unnest(range({{ steps }} + 1)) as step_no) as grid
    group by points.indicator_id, points.school_year, grid.step_no
),

ratios as (
    select
        indicator_id,
        step_no,
        case
            when before is null or after.at = before.at then after.ratio
            else before.ratio + (after.ratio - before.ratio) * (passed - before.at) / (after.at - before.at)
        end as ratio,
    from neighbours
),

year_shapes as (
    select
        indicator_id,
        cast(step_no as integer) as step_no,
        median(ratio) as ratio,
        min(ratio) as ratio_low,
        max(ratio) as ratio_high,
    from ratios
    group by indicator_id, step_no
    having count(*) >= {{ var('path').min_years }}
)

select * from year_shapes
