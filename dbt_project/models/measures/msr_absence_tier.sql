{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

summed as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        touched.period_starts_on,
        touched.period_ends_on,
        units.unit_type,
        units.unit_id,
        combinations.group_set_id,
        combinations.group_id,
        {% for column in absence_tiers() + ['unmeasured'] -%}
            sum(counted.n_{{ column }}) as n_{{ column }},
        {% endfor -%}
        sum(counted.n_measured) as n_measured,
        sum(counted.n_expected) as n_expected,
    from {{ ref('int_attendance__tier_counts') }} as counted
    inner join {{ ref('int_attendance__grown_periods') }} using (school_year, week_no)
    inner join {{ ref('int_changes__touched_periods') }} as touched using (school_year, period_kind, period_id)
    inner join {{ ref('int_attendance__units') }} as units using (unit_no)
    inner join {{ ref('int_groups__combinations') }} as combinations using (combination_no)
    group by all
),

tiers as (
    select
        summed.*,
        unnest({{ absence_tiers() }}) as tier,
        unnest([n_{{ absence_tiers() | join(', n_') }}]) as numerator,
        n_{{ absence_tiers() | join(' + n_') }} as denominator,
        {{ quality_state('n_measured', 'n_expected') }} as quality_state,
    from summed
    cross join {{ ref('stg_declared__district') }} as district
),

absence_tiers as (
    select
        {{ standard_row({
            'measure_id': "'absence_tier'", 'school_year': 'school_year', 'period_kind': 'period_kind',
            'period_id': 'period_id', 'period_starts_on': 'period_starts_on', 'period_ends_on': 'period_ends_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'group_set_id': 'group_set_id', 'group_id': 'group_id',
            'subject_id': 'tier', 'numerator': 'numerator', 'denominator': 'denominator', 'value_unit': "'share'",
            'n_people': 'denominator', 'n_eligible': 'denominator + n_unmeasured', 'n_unmeasured': 'n_unmeasured',
            'completeness': 'n_measured / nullif(n_expected, 0)', 'quality_state': 'quality_state',
            'hold_reason': hold_reason(), 'population_id': "'attendance:' || school_year",
        }) }}
    from tiers
)

select * from absence_tiers
