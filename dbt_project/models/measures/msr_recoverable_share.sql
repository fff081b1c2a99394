{{ config(materialized='view') }}
with

{{ counted_units(ref('int_attendance__profile_chances')) }},

weeks as (
    select
        school_year,
        week_no,
        max(on_date) as period_ends_on,
        min(min(on_date)) over (partition by school_year) as period_starts_on,
    from {{ ref('int_calendar__dates') }}
    group by school_year, week_no
),

flagged as (
    select
        summed.school_year,
        summed.week_no,
        summed.profile_id,
        any_value(summed.definition_version) as definition_version,
        units.unit_type,
        units.unit_id,
        combinations.group_set_id,
        combinations.group_id,
        sum(summed.n_recoverable) as numerator,
        sum(summed.n_flagged) as denominator,
        sum(summed.n_eligible) as n_eligible,
        sum(summed.n_eligible - summed.n_judged) as n_unmeasured,
        sum(summed.measured_parts) as n_measured,
        sum(summed.member_parts) as n_expected,
        any_value(summed.is_duplicated) as is_duplicated,
        {{ quality_state('n_measured', 'n_expected') }} as quality_state,
    from summed
    inner join {{ ref('int_attendance__units') }} as units on summed.unit_no = units.unit_no
    inner join {{ ref('int_groups__combinations') }} as combinations
        on summed.combination_no = combinations.combination_no
    cross join {{ ref('stg_declared__district') }} as district
    group by
        summed.school_year, summed.week_no, summed.profile_id, units.unit_type, units.unit_id,
        combinations.group_set_id, combinations.group_id, district.period_gate_numerator,
        district.period_gate_denominator
),

recoverable_share as (
    select
        {{ standard_row({
            'measure_id': "'recoverable_share'", 'profile_id': 'profile_id',
            'definition_version': 'definition_version', 'school_year': 'school_year',
            'period_kind': "'year_to_date'", 'period_id': 'period_ends_on', 'period_starts_on': 'period_starts_on',
            'period_ends_on': 'period_ends_on', 'unit_type': 'unit_type', 'unit_id': 'unit_id',
            'group_set_id': 'group_set_id', 'group_id': 'group_id', 'numerator': 'numerator',
            'denominator': 'denominator', 'value_unit': "'share'", 'n_people': 'denominator',
            'n_observations': 'denominator', 'n_eligible': 'n_eligible', 'n_unmeasured': 'n_unmeasured',
            'completeness': 'n_measured / nullif(n_expected, 0)', 'quality_state': 'quality_state',
            'hold_reason': hold_reason(), 'is_duplicated': 'is_duplicated',
            'population_id': "'attendance:' || school_year",
        }) }}
    from flagged
    inner join weeks using (school_year, week_no)
)

select * from recoverable_share
