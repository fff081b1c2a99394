{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

periods as (
    select * from {{ ref('int_changes__touched_periods') }}
),

of_students as (
    select
        *,
        '' as estimator,
        measured_parts - absent_parts as numerator,
        measured_parts as denominator,
        n_member_days - n_unmeasured_days as n_observations,
        n_member_days as n_eligible,
        measured_parts as n_measured,
        member_parts as n_expected,
    from {{ ref('int_attendance__unit_periods') }}
),

of_counts as (
    select
        *,
        n_reported as n_observations,
        n_listed as n_eligible,
        n_listed - n_reported as n_unmeasured_days,
        n_reported as n_measured,
        n_listed as n_expected,
    from {{ ref('int_attendance__count_periods') }}
),

measured as (
    select * from of_students
    union all by name
    select * from of_counts
),

judged as (
    select
        measured.*,
        {{ quality_state('measured.n_measured', 'measured.n_expected') }} as quality_state,
    from measured
    cross join {{ ref('stg_declared__district') }} as district
),

attendance_rate as (
    select
        {{ standard_row({
            'measure_id': "'attendance_rate'", 'definition_version': "coalesce(definition_version, '')",
            'school_year': 'school_year', 'period_kind': 'period_kind', 'period_id': 'period_id',
            'period_starts_on': 'period_starts_on', 'period_ends_on': 'period_ends_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'group_set_id': "coalesce(group_set_id, 'all')",
            'group_id': "coalesce(group_id, 'all')", 'estimator': 'estimator', 'numerator': 'numerator',
            'denominator': 'denominator', 'value_unit': "'share'", 'n_people': 'n_people',
            'n_observations': 'n_observations', 'n_eligible': 'n_eligible', 'n_unmeasured': 'n_unmeasured_days',
            'se': 'se', 'completeness': 'n_measured / nullif(n_expected, 0)', 'quality_state': 'quality_state',
            'hold_reason': hold_reason(), 'population_id': "'attendance:' || school_year",
        }) }}
    from judged
    inner join periods using (school_year, period_kind, period_id)
)

select * from attendance_rate
