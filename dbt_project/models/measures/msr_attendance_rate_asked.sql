{{ config(materialized='view') }}
with

district as (
    select * from {{ ref('stg_declared__district') }}
),

days_sent as (
    select
        cast(on_date as varchar) as period_id,
        unnest(['school', 'district']) as unit_type,
        unnest([school_id, (select district.district_id from district)]) as unit_id,
        n_sent,
        n_expected,
    from {{ ref('int_attendance__submission') }}
    where submission_state <> 'not_yet'
),

registers as (
    select
        period_id,
        unit_type,
        unit_id,
        sum(n_sent) as n_registers_sent,
        sum(n_expected) as n_registers,
    from days_sent
    group by period_id, unit_type, unit_id
),

-- on a day on which nearly no school told anything there is no figure
untold as (
    select
        days.school_year,
        'day' as period_kind,
        cast(days.on_date as varchar) as period_id,
        days.on_date as period_starts_on,
        days.on_date as period_ends_on,
        'district' as unit_type,
        any_value(district.district_id) as unit_id,
        'all' as group_set_id,
        'all' as group_id,
        if(any_value(district.weight_source) is null, 'unweighted_school_mean', 'weighted_share') as estimator,
        '' as definition_version,
        0 as n_observations,
        count(*) as n_eligible,
        0 as n_measured,
        count(*) as n_expected,
        'closed_or_not_reported' as known_reason,
    from {{ ref('int_attendance__count_days') }} as days
    cross join district
    where days.day_state = 'closed_or_not_reported'
    group by days.school_year, days.on_date
),

figures as (
    select * from {{ ref('int_attendance__asked_units') }}
    union all by name
    select * from untold
),

judged as (
    select
        figures.*,
        coalesce(registers.n_registers_sent, figures.n_measured) as n_known,
        coalesce(registers.n_registers, figures.n_expected) as n_due,
        case
            when figures.period_kind <> 'day' then {{ quality_state('figures.n_measured', 'figures.n_expected') }}
            when
                n_known * district.school_day_gate_denominator >= district.school_day_gate_numerator * n_due
                and n_known > 0 then 'ok'
            when
                figures.unit_type = 'district'
                and n_known * district.district_day_gate_denominator >= district.district_day_gate_numerator * n_due
                and n_known > 0 then 'provisional'
            else 'withheld'
        end as quality_state,
    from figures
    cross join district
    left join registers
        on
            figures.period_kind = 'day'
            and figures.period_id = registers.period_id
            and figures.unit_type = registers.unit_type
            and figures.unit_id = registers.unit_id
),

attendance_rate_asked as (
    select
        {{ standard_row({
            'measure_id': "'attendance_rate'", 'definition_version': 'definition_version',
            'school_year': 'school_year', 'period_kind': 'period_kind', 'period_id': 'period_id',
            'period_starts_on': 'period_starts_on', 'period_ends_on': 'period_ends_on',
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

select * from attendance_rate_asked
