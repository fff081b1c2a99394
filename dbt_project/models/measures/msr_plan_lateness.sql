with

weeks as (
    {{ school_weeks() }}
),

-- an open step is as late as the week is past its due date; one done early is early
late as (
    select
        steps.school_year,
        weeks.year_starts_on,
        weeks.week_last_on,
        unnest(['', steps.goal_id]) as goal_id,
        date_diff('day', steps.due_on, least(coalesce(steps.done_on, weeks.week_last_on), weeks.week_last_on)) as days,
    from {{ ref('int_plan__steps') }} as steps
    inner join weeks on steps.school_year = weeks.school_year and steps.due_on <= weeks.week_last_on
    where weeks.week_last_on <= (select through_on from {{ source('landed', 'through') }})
),

medians as (
    select
        late.school_year,
        district.district_id,
        late.year_starts_on,
        late.week_last_on,
        late.goal_id,
        cast(median(late.days) as decimal(18, 1)) as numerator,
        1 as denominator,
        count(*) as n_steps,
        'ok' as quality_state,
    from late
    cross join {{ ref('stg_declared__district') }} as district
    group by all
),

plan_lateness as (
    select
        {{ standard_row({
            'measure_id': "'plan_lateness'", 'school_year': 'school_year', 'period_kind': "'year_to_date'",
            'period_id': 'week_last_on', 'period_starts_on': 'year_starts_on', 'period_ends_on': 'week_last_on',
            'unit_type': "'district'", 'unit_id': 'district_id', 'subject_id': 'goal_id', 'numerator': 'numerator',
            'denominator': 'denominator', 'value_unit': "'days'", 'n_observations': 'n_steps',
            'population_id': "'plan:' || school_year",
        }) }}
    from medians
)

select * from plan_lateness
