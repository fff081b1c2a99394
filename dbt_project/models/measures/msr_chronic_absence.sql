{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

periods as (
    select * from {{ ref('int_changes__touched_periods') }}
),

judged as (
    select
        counted.school_year,
        grown.period_kind,
        grown.period_id,
        counted.profile_id,
        any_value(counted.definition_version) as definition_version,
        counted.unit_type,
        counted.unit_id,
        combinations.group_set_id,
        combinations.group_id,
        sum(counted.n_flagged) as numerator,
        sum(counted.n_judged) as denominator,
        sum(counted.n_people) as n_people,
        sum(counted.n_eligible) as n_eligible,
        sum(counted.measured_parts) as n_measured,
        sum(counted.member_parts) as n_expected,
        any_value(counted.is_duplicated) as is_duplicated,
        {{ quality_state('n_measured', 'n_expected') }} as quality_state,
    from {{ ref('int_attendance__profile_counts') }} as counted
    inner join {{ ref('int_attendance__grown_periods') }} as grown
        on counted.school_year = grown.school_year and counted.week_no = grown.week_no
    inner join {{ ref('int_groups__combinations') }} as combinations
        on counted.combination_no = combinations.combination_no
    cross join {{ ref('stg_declared__district') }} as district
    group by
        counted.school_year, grown.period_kind, grown.period_id, counted.profile_id, counted.unit_type,
        counted.unit_id, combinations.group_set_id, combinations.group_id, district.period_gate_numerator,
        district.period_gate_denominator
),

chronic_absence as (
    select
        {{ standard_row({
            'measure_id': "'chronic_absence'", 'profile_id': 'profile_id', 'definition_version': 'definition_version',
            'school_year': 'school_year', 'period_kind': 'period_kind', 'period_id': 'period_id',
            'period_starts_on': 'period_starts_on', 'period_ends_on': 'period_ends_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'group_set_id': 'group_set_id', 'group_id': 'group_id',
            'numerator': 'numerator', 'denominator': 'denominator', 'value_unit': "'share'", 'n_people': 'n_people',
            'n_observations': 'denominator', 'n_eligible': 'n_eligible', 'n_unmeasured': 'n_eligible - denominator',
            'completeness': 'n_measured / nullif(n_expected, 0)', 'quality_state': 'quality_state',
            'hold_reason': hold_reason(), 'is_duplicated': 'is_duplicated',
            'population_id': "'attendance:' || school_year",
        }) }}
    from judged
    inner join periods using (school_year, period_kind, period_id)
)

select * from chronic_absence
