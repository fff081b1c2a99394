with

weeks as (
    {{ weeks_to_date() }}
),

durations as (
    select
        *,
        'calendar_days' as estimator,
    from {{ ref('int_process__reported') }}
    union all by name
    select * from {{ ref('int_process__answered') }}
),

medians as (
    select
        weeks.school_year,
        weeks.year_starts_on,
        weeks.week_last_on,
        district.district_id,
        durations.subject_id,
        durations.estimator,
        cast(median(durations.days) as decimal(18, 6)) as numerator,
        1 as denominator,
        count(*) as n_durations,
        'ok' as quality_state,
    from durations
    inner join weeks on durations.school_year = weeks.school_year and durations.ended_on <= weeks.until_on
    cross join {{ ref('stg_declared__district') }} as district
    group by all
),

lead_times as (
    select
        {{ standard_row({
            'measure_id': "'lead_times'", 'school_year': 'school_year', 'period_kind': "'year_to_date'",
            'period_id': 'week_last_on', 'period_starts_on': 'year_starts_on', 'period_ends_on': 'week_last_on',
            'unit_type': "'district'", 'unit_id': 'district_id', 'subject_id': 'subject_id',
            'estimator': 'estimator', 'numerator': 'numerator', 'denominator': 'denominator',
            'value_unit': "'days'", 'n_observations': 'n_durations', 'population_id': "'process:' || school_year",
        }) }}
    from medians
)

select * from lead_times
