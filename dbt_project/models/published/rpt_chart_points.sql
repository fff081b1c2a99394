with

figures as (
    select * from {{ ref('int_figures__published') }}
    where is_tested and unit_type = 'school' and period_kind in ('week', 'month')
),

points as (
    select * from {{ ref('fct_chart_points') }}
),

chart_points as (
    select
        {{ figure_block('figures') }}
        points.phase,
        {{ shown_number('points.center', 'figures.value_unit') }} as center,
        {{ shown_number('points.limit_low', 'figures.value_unit') }} as limit_low,
        {{ shown_number('points.limit_high', 'figures.value_unit') }} as limit_high,
        points.rule,
        points.is_excluded,
        points.is_provisional,
        points.chart,
        if(district.is_preset_noted, points.preset, null) as preset,
    from figures
    inner join points on figures.figure_id = points.figure_id
    cross join {{ ref('stg_declared__district') }} as district
    where not figures.is_suppressed
)

select * from chart_points
