with

steps as (
    select * from {{ ref('int_plan__steps') }}
),

district as (
    select * from {{ ref('stg_declared__district') }}
),

weeks as (
    {{ school_weeks() }}
),

counts as (
    select
        steps.school_year,
        district.district_id,
        weeks.year_starts_on,
        weeks.week_last_on,
        count(*) filter (steps.done_on <= steps.due_on) as numerator,
        count(*) as denominator,
        'ok' as quality_state,
    from steps
    inner join weeks on steps.school_year = weeks.school_year and steps.due_on <= weeks.week_last_on
    cross join district
    where weeks.week_last_on <= (select through_on from {{ source('landed', 'through') }})
    group by all
),

plan_execution as (
    select
        {{ standard_row({
            'measure_id': "'plan_execution'",
            'school_year': 'school_year',
            'period_kind': "'year_to_date'",
            'period_id': 'week_last_on',
            'period_starts_on': 'year_starts_on',
            'period_ends_on': 'week_last_on',
            'unit_type': "'district'",
            'unit_id': 'district_id',
            'numerator': 'numerator',
            'denominator': 'denominator',
            'value_unit': "'share'",
            'n_observations': 'denominator',
            'quality_state': 'quality_state',
            'population_id': "'plan:' || school_year",
        }) }}
    from counts
)

select * from plan_execution
