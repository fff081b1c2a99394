with

weeks as (
    {{ weeks_to_date() }}
),

counted as (
    select
        weeks.school_year,
        weeks.year_starts_on,
        weeks.week_last_on,
        district.district_id,
        facts.subject_id,
        count(*) filter (facts.is_well) as numerator,
        count(*) as denominator,
        'ok' as quality_state,
    from {{ ref('int_process__facts') }} as facts
    inner join weeks on facts.school_year = weeks.school_year and facts.due_on <= weeks.until_on
    cross join {{ ref('stg_declared__district') }} as district
    group by all
),

process_health as (
    select
        {{ standard_row({
            'measure_id': "'process_health'", 'school_year': 'school_year', 'period_kind': "'year_to_date'",
            'period_id': 'week_last_on', 'period_starts_on': 'year_starts_on', 'period_ends_on': 'week_last_on',
            'unit_type': "'district'", 'unit_id': 'district_id', 'subject_id': 'subject_id',
            'numerator': 'numerator', 'denominator': 'denominator', 'value_unit': "'share'",
            'n_observations': 'denominator', 'population_id': "'process:' || school_year",
        }) }}
    from counted
)

select * from process_health
