{{ config(
    materialized='by_part', stale='int_changes__touched_day_figures', parts=['school_year', 'period_id']
) }}
with

days_sent as (
    select
        on_date,
        unnest(['school', 'district']) as unit_type,
        unnest([school_id, (select district.district_id from {{ ref('stg_declared__district') }} as district)])
            as unit_id,
        n_sent,
        n_expected,
    from {{ ref('int_attendance__submission') }}
    where
        submission_state <> 'not_yet'
        and on_date in (select touched.on_date from {{ ref('int_changes__touched_day_figures') }} as touched)
),

registers as (
    select
        on_date,
        unit_type,
        unit_id,
        sum(n_sent) as n_registers_sent,
        sum(n_expected) as n_registers,
    from days_sent
    group by on_date, unit_type, unit_id
),

judged as (
    select
        figures.*,
        coalesce(registers.n_registers_sent, figures.n_measured) as n_known,
        coalesce(registers.n_registers, figures.n_expected) as n_due,
        case
            when
                n_known * district.school_day_gate_denominator >= district.school_day_gate_numerator * n_due
                and n_known > 0 then 'ok'
            when
                figures.unit_type = 'district'
                and n_known * district.district_day_gate_denominator >= district.district_day_gate_numerator * n_due
                and n_known > 0 then 'provisional'
            else 'withheld'
        end as quality_state,
    from {{ ref('int_attendance__day_figures') }} as figures
    cross join {{ ref('stg_declared__district') }} as district
    left join registers
        on
            figures.on_date = registers.on_date
            and figures.unit_type = registers.unit_type
            and figures.unit_id = registers.unit_id
),

attendance_rate as (
    select
        {{ standard_row({
            'measure_id': "'attendance_rate'", 'definition_version': 'definition_version',
            'school_year': 'school_year', 'period_kind': "'day'", 'period_id': 'on_date',
            'period_starts_on': 'on_date', 'period_ends_on': 'on_date',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'group_set_id': 'group_set_id', 'group_id': 'group_id',
            'estimator': 'estimator', 'numerator': 'numerator', 'denominator': 'denominator',
            'value_unit': "'share'", 'n_people': 'n_people', 'n_observations': 'n_observations',
            'n_eligible': 'n_eligible', 'n_unmeasured': 'n_eligible - n_observations',
            'completeness': 'n_known / nullif(n_due, 0)', 'quality_state': 'quality_state',
            'hold_reason': "case when quality_state = 'withheld' then coalesce(known_reason, 'incomplete_submission') end",
            'population_id': "'attendance:' || school_year",
        }) }}
    from judged
)

select * from attendance_rate
