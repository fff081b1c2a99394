with

scale_sums as (
    select * from {{ ref('int_survey__scale_sums') }}
),

reliability as (
    select * from {{ ref('int_survey__school_icc') }}
    where kind = 'score'
),

means as (
    select
        scale_sums.*,
        reliability.school_icc,
        score_parts as numerator,
        n_people * cast(parts as hugeint) as denominator,
        if(is_provisional, 'provisional', 'ok') as quality_state,
        sqrt(
            cast(n_people * score_part_squares - score_parts * score_parts as double)
            / nullif(cast(n_people as double) * (n_people - 1), 0) / parts / parts
            / n_people * {{ not_drawn('n_people', 'n_eligible') }}
        ) as se,
    from scale_sums
    left join reliability on scale_sums.slot = reliability.slot and scale_sums.scale_id = reliability.scale_id
),

ends as (
    select
        *,
        cast(numerator as double) / denominator as mean,
        {{ t_975('(n_people - 1)') }} * se as half_width,
    from means
),

scale_means as (
    select
        {{ standard_row({
            'measure_id': "'scale_mean'",
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
            'estimator': "if(is_without_flagged, '_no_flags', '')",
            'numerator': 'numerator',
            'denominator': 'denominator',
            'value_unit': "'score'",
            'n_people': 'n_people',
            'n_observations': 'n_answers',
            'n_eligible': 'n_eligible',
            'n_unmeasured': 'greatest(n_eligible - n_people, 0)',
            'se': 'se',
            'interval_low': 'mean - half_width',
            'interval_high': 'mean + half_width',
            'interval_method': "if(se is null, null, 't')",
            'reliability': school_mean_reliability(),
            'completeness': 'n_people / cast(nullif(n_eligible, 0) as double)',
            'quality_state': 'quality_state',
            'population_id': survey_population(),
        }) }}
    from ends
),

weighted as (
    {{ weighted_figures('scale_mean', 'score', 'weighted', 't') }}
),

with_weighted as (
    select * from scale_means
    union all
    select * from weighted
)

select * from with_weighted
