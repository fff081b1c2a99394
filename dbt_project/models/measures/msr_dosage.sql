with

sessions as (
    select
        *,
        unnest(if(unit_type = 'school', ['district', 'school'], ['district'])) as of_unit_type,
        unnest(if(unit_type = 'school', [district_id, unit_id], [district_id])) as of_unit_id,
    from {{ ref('int_activity__sessions') }}
),

weeks as (
    {{ school_weeks() }}
),

counts as (
    select
        sessions.school_year,
        weeks.year_starts_on,
        weeks.week_last_on,
        sessions.of_unit_type,
        sessions.of_unit_id,
        sessions.activity_id,
        count(*) filter (sessions.is_delivered) as numerator,
        count(*) as denominator,
        'ok' as quality_state,
    from sessions
    inner join weeks
        on
            sessions.school_year = weeks.school_year
            and sessions.on_date <= weeks.week_last_on
            and sessions.known_before_on > weeks.week_last_on
    group by all
),

dosage as (
    select
        {{ standard_row({
            'measure_id': "'dosage'",
            'school_year': 'school_year',
            'period_kind': "'year_to_date'",
            'period_id': 'week_last_on',
            'period_starts_on': 'year_starts_on',
            'period_ends_on': 'week_last_on',
            'unit_type': 'of_unit_type',
            'unit_id': 'of_unit_id',
            'subject_id': 'activity_id',
            'numerator': 'numerator',
            'denominator': 'denominator',
            'value_unit': "'share'",
            'n_observations': 'denominator',
            'quality_state': 'quality_state',
            'population_id': "'activities:' || school_year",
        }) }}
    from counts
)

select * from dosage
