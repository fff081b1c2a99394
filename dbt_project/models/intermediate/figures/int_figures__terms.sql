with

printed as (
    select * from {{ ref('int_figures__printed') }}
    where period_kind = 'term' and unit_type = 'school' and value is not null and quality_state <> 'withheld'
),

measures as (
    select * from {{ ref('msr_attendance_rate') }}
),

terms as (
    select
        printed.figure_id,
        printed.indicator_id,
        printed.group_id,
        printed.unit_id,
        calendar_terms.last_on as period_on,
        printed.value_unit,
        indicators.signal_better as better,
        measures.numerator / {{ parts_of_a_day() }} as numerator,
        measures.denominator / {{ parts_of_a_day() }} as denominator,
    from printed
    inner join measures
        using (
            measure_id, profile_id, subject_id, estimator, unit_type, unit_id, group_set_id, group_id, school_year,
            period_kind, period_id
        )
    inner join {{ ref('int_calendar__terms') }} as calendar_terms using (period_id)
    inner join {{ ref('dim_indicators') }} as indicators on printed.indicator_id = indicators.indicator_id
    cross join {{ ref('stg_declared__district') }} as district
    left join {{ ref('int_disclosure__pattern') }} as pattern
        on
            printed.population_id = pattern.population_id
            and printed.measure_id = pattern.measure_id
            and printed.cell_id = pattern.cell_id
    where printed.counted_kind = 'records' or not pattern.is_suppressed
)

select * from terms
