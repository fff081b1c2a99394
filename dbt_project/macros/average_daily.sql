{#
Divide the day parts of the attendance rate, those attended or those enrolled, by the school days of the period: people
a day. A feed that counts people has people, not parts; one that has shares alone tells of no people.
#}
{% macro average_daily(measure, parts) -%}
with

periods as (
    select * from {{ ref('int_changes__touched_periods') }}
),

days as (
    select
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        days.unit_type,
        days.unit_id,
        max(days.calendar_id) as calendar_id,
        sum(days.n_days) as n_days,
    from periods
    inner join {{ ref('int_calendar__periods') }} as pieces using (school_year, period_kind, period_id)
    inner join {{ ref('int_attendance__unit_days') }} as days
        on pieces.school_year = days.school_year and pieces.piece_id = days.piece_id
    group by all
),

counted as (
    select
        rates.* exclude (numerator, denominator, estimator),
        days.calendar_id,
        days.n_days,
        rates.{{ parts }} as numerator,
        days.n_days * {{ parts_of_a_day() }} as denominator,
    from {{ ref('msr_attendance_rate') }} as rates
    inner join days using (school_year, period_kind, period_id, unit_type, unit_id)
    cross join {{ ref('stg_declared__district') }} as district
    where rates.estimator in ('', 'weighted_share')
),

averages as (
    select
        {{ standard_row({
            'measure_id': "'" ~ measure ~ "'", 'definition_version': 'definition_version',
            'school_year': 'school_year', 'period_kind': 'period_kind', 'period_id': 'period_id',
            'period_starts_on': 'period_starts_on', 'period_ends_on': 'period_ends_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'group_set_id': 'group_set_id', 'group_id': 'group_id',
            'subject_id': 'calendar_id', 'numerator': 'numerator', 'denominator': 'denominator',
            'value_unit': "'students'", 'n_people': 'n_people', 'n_observations': 'n_days',
            'n_eligible': 'n_eligible', 'n_unmeasured': 'n_unmeasured', 'completeness': 'completeness',
            'quality_state': 'quality_state', 'hold_reason': 'hold_reason', 'population_id': 'population_id',
        }) }}
    from counted
)
{%- endmacro %}
