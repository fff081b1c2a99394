{{ config(
    materialized='by_part', stale='int_changes__touched_outlooks', parts=['school_year', 'period_id']
) }}
with

flagged as (
    select
        outlooks.school_year,
        outlooks.period_id,
        outlooks.period_starts_on,
        outlooks.period_ends_on,
        counted.profile_id,
        any_value(counted.definition_version) as definition_version,
        counted.unit_type,
        counted.unit_id,
        combinations.group_set_id,
        combinations.group_id,
        sum(counted.n_recoverable) as numerator,
        sum(counted.n_flagged) as denominator,
        sum(counted.n_eligible) as n_eligible,
        sum(counted.n_eligible - counted.n_judged) as n_unmeasured,
        sum(counted.measured_parts) as n_measured,
        sum(counted.member_parts) as n_expected,
        any_value(counted.is_duplicated) as is_duplicated,
        {{ quality_state('n_measured', 'n_expected') }} as quality_state,
    from {{ ref('int_attendance__profile_counts') }} as counted
    inner join {{ ref('int_changes__touched_outlooks') }} as outlooks
        on counted.school_year = outlooks.school_year and counted.week_no = outlooks.week_no
    inner join {{ ref('int_groups__combinations') }} as combinations
        on counted.combination_no = combinations.combination_no
    cross join {{ ref('stg_declared__district') }} as district
    where outlooks.is_complete
    group by
        outlooks.school_year, outlooks.period_id, outlooks.period_starts_on, outlooks.period_ends_on,
        counted.profile_id, counted.unit_type, counted.unit_id, combinations.group_set_id, combinations.group_id,
        district.period_gate_numerator, district.period_gate_denominator
),

recoverable_share as (
    select
        {{ standard_row({
            'measure_id': "'recoverable_share'", 'profile_id': 'profile_id',
            'definition_version': 'definition_version', 'school_year': 'school_year',
            'period_kind': "'year_to_date'", 'period_id': 'period_id', 'period_starts_on': 'period_starts_on',
            'period_ends_on': 'period_ends_on', 'unit_type': 'unit_type', 'unit_id': 'unit_id',
            'group_set_id': 'group_set_id', 'group_id': 'group_id', 'numerator': 'numerator',
            'denominator': 'denominator', 'value_unit': "'share'", 'n_people': 'denominator',
            'n_observations': 'denominator', 'n_eligible': 'n_eligible', 'n_unmeasured': 'n_unmeasured',
            'completeness': 'n_measured / nullif(n_expected, 0)', 'quality_state': 'quality_state',
            'hold_reason': hold_reason(), 'is_duplicated': 'is_duplicated',
            'population_id': "'attendance:' || school_year",
        }) }}
    from flagged
)

select * from recoverable_share
