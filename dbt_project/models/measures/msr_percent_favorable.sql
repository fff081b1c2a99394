with

favorable_shares as (
    select
        *,
        if(is_provisional, 'provisional', 'ok') as quality_state,
    from {{ ref('int_survey__favorable_shares') }}
),

reliability as (
    select * from {{ ref('int_survey__school_icc') }}
    where kind = 'favorable'
),

measured as (
    select
        favorable_shares.*,
        reliability.school_icc,
    from favorable_shares
    left join reliability
        on favorable_shares.slot = reliability.slot and favorable_shares.scale_id = reliability.scale_id
),

percent_favorable as (
    select
        {{ standard_row({
            'measure_id': "'percent_favorable'",
            'school_year': 'school_year',
            'period_kind': "'window'",
            'period_id': 'window_id',
            'period_starts_on': 'opens_on',
            'period_ends_on': 'closes_on',
            'unit_type': 'unit_type',
            'unit_id': 'unit_id',
            'group_set_id': 'group_set_id',
            'group_id': 'group_id',
            'subject_id': 'scale_id',
            'estimator': 'estimator',
            'numerator': 'numerator',
            'denominator': 'denominator',
            'value_unit': "'share'",
            'n_people': 'n_people',
            'n_observations': 'n_answers',
            'n_eligible': 'n_eligible',
            'n_unmeasured': 'greatest(n_eligible - n_people, 0)',
            'se': 'sqrt(variance)',
            'interval_low': wilson_low('share', 'n_effective'),
            'interval_high': wilson_high('share', 'n_effective'),
            'interval_method': "if(n_effective is null, null, 'wilson')",
            'n_effective': 'n_effective',
            'reliability': school_mean_reliability(),
            'completeness': 'n_people / cast(nullif(n_eligible, 0) as double)',
            'quality_state': 'quality_state',
            'population_id': survey_population(),
        }) }}
    from measured
),

weighted as (
    {{ weighted_figures('percent_favorable', 'share', 'pooled_weighted', 'margin') }}
),

with_weighted as (
    select * from percent_favorable
    union all
    select * from weighted
)

select * from with_weighted
