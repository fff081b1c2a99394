with

reliability as (
    select
        found.*,
        windows.* exclude (slot),
        case when found.value is null then 'withheld' when windows.is_provisional then 'provisional' else 'ok' end
            as quality_state,
    from {{ ref('int_survey__reliability') }} as found
    inner join {{ ref('int_survey__windows') }} as windows on found.slot = windows.slot
),

scale_reliability as (
    select
        {{ standard_row({
            'measure_id': "'scale_reliability'", 'school_year': 'school_year', 'period_kind': "'window'",
            'period_id': 'window_id', 'period_starts_on': 'opens_on', 'period_ends_on': 'closes_on',
            'unit_type': "'district'", 'unit_id': 'district_id', 'subject_id': 'scale_id', 'estimator': 'estimator',
            'value': 'value', 'value_unit': "'ratio'", 'n_people': 'n_people', 'quality_state': 'quality_state',
            'hold_reason': 'why_not', 'population_id': survey_population(),
        }) }}
    from reliability
)

select * from scale_reliability
