with

consensus as (
    select * from {{ ref('int_rubric__consensus') }}
),

placed as (
    select
        *,
        unnest(['district', 'school']) as unit_type,
        unnest([district_id, school_id]) as unit_id,
    from consensus
),

schools as (
    select distinct school_id from {{ ref('stg_landed__schools') }}
),

profiles as (
    select
        window_id,
        school_year,
        opens_on,
        closes_on,
        unit_type,
        unit_id,
        item_id,
        count(*) filter (is_in_place) as numerator,
        count(consensus) as denominator,
        cast(sum(n_raters) as bigint) as n_ratings,
        if(unit_type = 'school', 1, (select count(*) from schools)) as n_eligible,
        case
            when count(consensus) = 0 then 'withheld'
            when bool_or(is_provisional) then 'provisional'
            else 'ok'
        end as quality_state,
    from placed
    group by window_id, school_year, opens_on, closes_on, unit_type, unit_id, item_id
),

rubric_profile as (
    select
        {{ standard_row({
            'measure_id': "'rubric_profile'",
            'school_year': 'school_year',
            'period_kind': "'window'",
            'period_id': 'window_id',
            'period_starts_on': 'opens_on',
            'period_ends_on': 'closes_on',
            'unit_type': 'unit_type',
            'unit_id': 'unit_id',
            'subject_id': 'item_id',
            'numerator': 'numerator',
            'denominator': 'denominator',
            'value_unit': "'share'",
            'n_observations': 'n_ratings',
            'n_eligible': 'n_eligible',
            'n_unmeasured': 'n_eligible - denominator',
            'completeness': 'denominator / cast(nullif(n_eligible, 0) as double)',
            'quality_state': 'quality_state',
            'hold_reason': "case when quality_state = 'withheld' then 'no_consensus' end",
            'population_id': "'rubric:' || window_id || ':' || school_year",
        }) }}
    from profiles
)

select * from rubric_profile
