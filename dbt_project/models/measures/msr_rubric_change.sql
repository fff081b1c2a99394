with

units as (
    select
        *,
        unnest(['district', 'school']) as unit_type,
        unnest([district_id, school_id]) as unit_id,
    from {{ ref('int_rubric__changes') }}
),

summed as (
    select
        window_id,
        school_year,
        opens_on,
        closes_on,
        unit_type,
        unit_id,
        {% for direction in ['up', 'same', 'down', 'not_compared'] -%}
            count(*) filter (direction = '{{ direction }}') as n_{{ direction }},
        {% endfor -%}
        if(bool_or(is_provisional), 'provisional', 'ok') as quality_state,
    from units
    group by window_id, school_year, opens_on, closes_on, unit_type, unit_id
),

counts as (
    select
        *,
        n_up + n_same + n_down as n_compared,
        unnest(['up', 'same', 'down', 'not_compared']) as estimator,
        unnest([n_up, n_same, n_down, n_not_compared]) as numerator,
        unnest([n_compared, n_compared, n_compared, n_compared + n_not_compared]) as denominator,
    from summed
),

rubric_change as (
    select
        {{ standard_row({
            'measure_id': "'rubric_change'", 'school_year': 'school_year', 'period_kind': "'window'",
            'period_id': 'window_id', 'period_starts_on': 'opens_on', 'period_ends_on': 'closes_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'estimator': 'estimator', 'numerator': 'numerator',
            'denominator': 'denominator', 'value_unit': "'share'", 'n_observations': 'denominator',
            'n_unmeasured': 'n_not_compared', 'quality_state': 'quality_state',
            'population_id': "'rubric:' || window_id || ':' || school_year",
        }) }}
    from counts
)

select * from rubric_change
