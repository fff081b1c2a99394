{{ config(materialized='view') }}
with

shown as (
    select distinct
        indicator_id,
        unit_id,
        school_year,
    from {{ ref('int_figures__printed') }}
    where is_tested and is_current and unit_type = 'school'
),

earlier as (
    select
        'earlier|' || indicators.indicator_id || '|' || measures.unit_id || '|' || measures.group_id || '|'
        || measures.period_id as figure_id,
        indicators.indicator_id,
        measures.unit_type,
        measures.unit_id,
        measures.group_id,
        measures.period_ends_on,
        measures.value_unit,
        measures.n_people as n_counted,
        measures.numerator / {{ parts_of_a_day() }} as numerator,
        measures.denominator / {{ parts_of_a_day() }} as denominator,
    from {{ ref('msr_attendance_rate') }} as measures
    inner join {{ ref('dim_indicators') }} as indicators
        on
            measures.measure_id = indicators.measure_id
            and measures.period_kind = indicators.signal_period_kind
            and measures.period_ends_on between indicators.signal_baseline_from and indicators.signal_baseline_to
            and list_contains(indicators.signal_group_ids, measures.group_id)
    inner join shown
        on
            indicators.indicator_id = shown.indicator_id
            and measures.unit_id = shown.unit_id
            and measures.school_year < shown.school_year
    cross join {{ ref('stg_declared__district') }} as district
    where measures.n_people >= district.n_min and measures.value is not null and measures.quality_state <> 'withheld'
)

select * from earlier
