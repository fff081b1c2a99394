{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
-- depends_on: {{ ref('int_changes__touched_periods') }}
with

flags as (
    select * from {{ ref('int_attendance__profile_flags') }}
    where result <> 'not_eligible'
),

counted as (
    select
        flags.school_year,
        flags.period_kind,
        flags.period_id,
        any_value(flags.period_starts_on) as period_starts_on,
        any_value(flags.period_ends_on) as period_ends_on,
        any_value(flags.is_complete) as is_complete,
        flags.profile_id,
        any_value(flags.definition_version) as definition_version,
        flags.unit_type,
        flags.unit_id,
        groups.group_set_id,
        groups.group_id,
        count(*) filter (flags.result = 'flagged') as numerator,
        count(*) filter (flags.result <> 'unmeasured') as denominator,
        count(distinct flags.student_key) filter (flags.result <> 'unmeasured') as n_people,
        count(*) as n_eligible,
        count(*) filter (flags.result = 'unmeasured') as n_unmeasured,
        sum(flags.measured_parts) as measured_parts,
        sum(flags.member_parts) as member_parts,
        any_value(flags.grain = 'school' and flags.unit_type = 'district') as is_duplicated,
    from flags
    inner join {{ ref('int_groups__everyone') }} as groups
        on flags.student_key = groups.student_key and flags.school_year = groups.school_year
    group by
        flags.school_year, flags.period_kind, flags.period_id, flags.profile_id, flags.unit_type, flags.unit_id,
        groups.group_set_id, groups.group_id
),

judged as (
    select
        counted.*,
        {{ quality_state('measured_parts', 'member_parts') }} as quality_state,
    from counted
    cross join {{ ref('stg_declared__district') }} as district
),

chronic_absence as (
    select
        {{ standard_row({
            'measure_id': "'chronic_absence'", 'profile_id': 'profile_id', 'definition_version': 'definition_version',
            'school_year': 'school_year', 'period_kind': 'period_kind', 'period_id': 'period_id',
            'period_starts_on': 'period_starts_on', 'period_ends_on': 'period_ends_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'group_set_id': 'group_set_id', 'group_id': 'group_id',
            'numerator': 'numerator', 'denominator': 'denominator', 'value_unit': "'share'", 'n_people': 'n_people',
            'n_observations': 'denominator', 'n_eligible': 'n_eligible', 'n_unmeasured': 'n_unmeasured',
            'completeness': 'measured_parts / nullif(member_parts, 0)', 'quality_state': 'quality_state',
            'hold_reason': hold_reason(), 'is_duplicated': 'is_duplicated',
            'population_id': "'attendance:' || school_year",
        }) }}
    from judged
)

select * from chronic_absence
