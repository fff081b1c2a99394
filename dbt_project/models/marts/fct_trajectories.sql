{% set steps = var('path').steps %}
with

calendar as (
    select
        *,
        year_day_no / max(year_day_no) over (partition by school_year) as passed,
    from {{ ref('int_calendar__dates') }}
),

windows as (
    select * from {{ ref('stg_declared__windows') }}
),

judged as (
    select distinct
        indicator_id,
        school_year,
        period_kind,
        period_id,
        is_current,
    from {{ ref('int_figures__printed') }}
    where is_judged
),

periods as (
    select distinct
        indicators.indicator_id,
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        periods.period_ends_on as on_date,
        calendar.passed,
    from {{ ref('dim_indicators') }} as indicators
    inner join {{ ref('int_calendar__periods') }} as periods on indicators.period_kind = periods.period_kind
    inner join calendar on periods.period_ends_on = calendar.on_date
    where
        periods.school_year <= (
            select max(judged.school_year) from judged
            where judged.is_current
        )
        and (
            periods.period_kind <> 'term'
            or periods.period_id in (
                select terms.period_id from {{ ref('int_calendar__declared_terms') }} as terms
                where terms.is_shortest
            )
        )
    union all
    select distinct
        judged.indicator_id,
        others.school_year,
        judged.period_kind,
        others.window_id as period_id,
        others.closes_on as on_date,
        1 as passed,
    from judged
    inner join windows on judged.period_id = windows.window_id and judged.school_year = windows.school_year
    inner join windows as others
        on windows.instrument_id = others.instrument_id and windows.kind = others.kind
    where judged.period_kind in ('window', 'occasion')
),

shaped as (
    select
        periods.*,
        {%- for name in ['ratio', 'ratio_low', 'ratio_high'] %}
            case
                when periods.period_kind <> 'year_to_date' then 1
                else
                    lower.{{ name }}
                    + (upper.{{ name }} - lower.{{ name }}) * (periods.passed * {{ steps }} - lower.step_no)
            end as {{ name }},
        {%- endfor %}
        lower.indicator_id is not null as has_history,
    from periods
    left join {{ ref('int_signals__year_shapes') }} as lower
        on periods.indicator_id = lower.indicator_id and floor(periods.passed * {{ steps }}) = lower.step_no
    left join {{ ref('int_signals__year_shapes') }} as upper
        on periods.indicator_id = upper.indicator_id and ceil(periods.passed * {{ steps }}) = upper.step_no
),

fct_trajectories as (
    select
        targets.indicator_id,
        targets.school_year,
        targets.unit_type,
        targets.unit_id,
        targets.group_set_id,
        targets.group_id,
        shaped.on_date,
        shaped.period_kind,
        shaped.period_id,
        targets.target * coalesce(shaped.ratio, 1) as expected,
        case when shaped.has_history then targets.target * shaped.ratio_low end as expected_low,
        case when shaped.has_history then targets.target * shaped.ratio_high end as expected_high,
        targets.baseline * coalesce(shaped.ratio, 1) as baseline,
        targets.target,
    from {{ ref('fct_targets') }} as targets
    inner join {{ ref('dim_indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    inner join shaped on targets.indicator_id = shaped.indicator_id and targets.school_year = shaped.school_year
    left join {{ ref('int_figures__definitions') }} as definitions
        on
            shaped.period_id = definitions.window_id
            and shaped.school_year = definitions.school_year
            and indicators.subject_id = definitions.subject_id
    -- a line that begins under another definition leads nowhere
    where
        coalesce(
            targets.begins_year >= definitions.first_year and targets.begins_year < definitions.next_year, true
        )
)

select * from fct_trajectories
