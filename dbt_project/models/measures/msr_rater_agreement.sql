with

agreement as (
    select
        found.*,
        windows.window_id,
        windows.school_year,
        windows.opens_on,
        windows.closes_on,
        if(found.unit_id = '', 'district', 'school') as unit_type,
        coalesce(nullif(found.unit_id, ''), district.district_id) as of_unit_id,
        case when found.value is null then 'withheld' else 'ok' end as quality_state,
    from {{ ref('int_rubric__agreement') }} as found
    inner join {{ ref('stg_declared__windows') }} as windows
        on found.slot = windows.window_id || '.' || windows.school_year
    cross join {{ ref('stg_declared__district') }} as district
),

rater_agreement as (
    select
        {{ standard_row({
            'measure_id': "'rater_agreement'", 'school_year': 'school_year', 'period_kind': "'window'",
            'period_id': 'window_id', 'period_starts_on': 'opens_on', 'period_ends_on': 'closes_on',
            'unit_type': 'unit_type', 'unit_id': 'of_unit_id', 'estimator': 'estimator', 'value': 'value',
            'value_unit': "if(estimator = 'quadratic_kappa', 'ratio', 'share')", 'n_people': 'n_raters',
            'n_observations': 'n_items', 'quality_state': 'quality_state', 'hold_reason': 'why_not',
            'population_id': "'rubric:' || window_id || ':' || school_year",
        }) }}
    from agreement
)

select * from rater_agreement
