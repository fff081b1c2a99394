with

shares as (
    select
        found.*,
        windows.* exclude (slot),
        if(windows.is_provisional, 'provisional', 'ok') as quality_state,
    from {{ ref('int_survey__school_icc') }} as found
    inner join {{ ref('int_survey__windows') }} as windows on found.slot = windows.slot
),

school_icc as (
    select
        {{ standard_row({
            'measure_id': "'school_icc'", 'school_year': 'school_year', 'period_kind': "'window'",
            'period_id': 'window_id', 'period_starts_on': 'opens_on', 'period_ends_on': 'closes_on',
            'unit_type': "'district'", 'unit_id': 'district_id', 'subject_id': 'scale_id', 'estimator': 'kind',
            'value': 'school_icc', 'value_unit': "'ratio'", 'n_people': 'n_in_schools', 'quality_state': 'quality_state',
            'population_id': survey_population(),
        }) }}
    from shares
)

select * from school_icc
