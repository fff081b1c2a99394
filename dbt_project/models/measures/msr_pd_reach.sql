with

through as (
    select * from {{ source('landed', 'through') }}
),

weeks as (
    {{ weeks_to_date() }}
),

-- a training before the first school day is of the year that it prepares
signed as (
    select
        weeks.school_year,
        weeks.year_starts_on,
        weeks.week_last_on,
        signed.staff_key,
        signed.is_invited,
        signed.is_attended,
        signed.hours,
        unnest(['', signed.pd_id, '', signed.pd_id]) as pd_id,
        unnest([district.district_id, district.district_id, signed.school_id, signed.school_id]) as unit_id,
        unnest(['district', 'district', 'school', 'school']) as unit_type,
    from {{ ref('stg_landed__pd_attendance') }} as signed
    cross join {{ ref('stg_declared__district') }} as district
    cross join through
    inner join weeks
        on
            {{ school_year_of('signed.on_date') }} = weeks.school_year
            and signed.on_date <= weeks.until_on
    where signed.on_date <= through.as_of
),

units as (
    select
        school_year,
        year_starts_on,
        week_last_on,
        unit_type,
        unit_id,
        pd_id,
        count(distinct staff_key) filter (is_invited and is_attended) as n_reached,
        count(distinct staff_key) filter (is_invited) as n_invited,
        count(distinct staff_key) filter (is_attended) as n_attended,
        coalesce(sum(hours) filter (is_attended), 0) as n_hours,
        count(*) as n_rows,
    from signed
    group by school_year, year_starts_on, week_last_on, unit_type, unit_id, pd_id
),

counted as (
    select
        *,
        'ok' as quality_state,
        unnest(['people', 'hours']) as estimator,
        unnest([n_reached, n_hours]) as numerator,
        unnest([n_invited, 1]) as denominator,
        unnest(['share', 'count']) as value_unit,
        unnest([n_invited, n_attended]) as n_people,
    from units
),

pd_reach as (
    select
        {{ standard_row({
            'measure_id': "'pd_reach'", 'school_year': 'school_year', 'period_kind': "'year_to_date'",
            'period_id': 'week_last_on', 'period_starts_on': 'year_starts_on', 'period_ends_on': 'week_last_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'subject_id': 'pd_id', 'estimator': 'estimator',
            'numerator': 'numerator', 'denominator': 'denominator', 'value_unit': 'value_unit',
            'n_people': 'n_people', 'n_observations': 'n_rows', 'n_eligible': 'n_invited',
            'population_id': "'pd:' || school_year",
        }) }}
    from counted
)

select * from pd_reach
