-- Select the weeks of every school year, each with its number, its last day and the first day of its year.
{% macro school_weeks() -%}
    select
        school_year,
        week_no,
        week_last_on,
        min(min(on_date)) over (partition by school_year) as year_starts_on,
    from {{ ref('int_calendar__dates') }}
    group by school_year, week_no, week_last_on
{%- endmacro %}

-- Select the weeks that the data reach, each with the last day whose events it knows: the last week of a year holds what
-- came after it, too.
{% macro weeks_to_date() -%}
    select
        *,
        if(
            week_last_on = max(week_last_on) over (partition by school_year), date '9999-12-31', week_last_on
        ) as until_on,
    from ({{ school_weeks() }})
    qualify week_last_on <= (select through_on from {{ source('landed', 'through') }})
{%- endmacro %}

{#
Select the sessions of every finished week to date, of a class or school for the district too: of_unit_type, of_unit_id,
week_last_on, year_starts_on. A week whose log is still to come is left out.
#}
{% macro sessions_to_date() -%}
    select
        sessions.*,
        weeks.year_starts_on,
        weeks.week_last_on,
        unnest(if(sessions.unit_type = 'district', ['district'], ['district', sessions.unit_type])) as of_unit_type,
        unnest(
            if(sessions.unit_type = 'district', [sessions.district_id], [sessions.district_id, sessions.unit_id])
        ) as of_unit_id,
    from {{ ref('int_activity__sessions') }} as sessions
    inner join ({{ school_weeks() }}) as weeks
        on
            sessions.school_year = weeks.school_year
            and sessions.on_date <= weeks.week_last_on
            and sessions.known_before_on > weeks.week_last_on
{%- endmacro %}

-- Name the columns by which a measure of sessions to date is counted.
{% macro session_place() -%}
    school_year, year_starts_on, week_last_on, of_unit_type, of_unit_id, activity_id
{%- endmacro %}

-- Write the standard row of a measure of sessions to date; ``given`` adds to what they share.
{% macro session_row(measure, given) -%}
    {%- set shared = {
        'measure_id': "'" ~ measure ~ "'", 'school_year': 'school_year', 'period_kind': "'year_to_date'",
        'period_id': 'week_last_on', 'period_starts_on': 'year_starts_on', 'period_ends_on': 'week_last_on',
        'unit_type': 'of_unit_type', 'unit_id': 'of_unit_id', 'subject_id': 'activity_id', 'numerator': 'numerator',
        'denominator': 'denominator', 'population_id': "'activities:' || school_year",
    } -%}
    {%- do shared.update(given) -%}
    {{ standard_row(shared) }}
{%- endmacro %}
