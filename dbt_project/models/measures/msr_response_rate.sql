with

counts as (
    select * from {{ ref('int_survey__response_counts') }}
),

windows as (
    select
        *,
        -- Beside gross, net would tell how many opted out: it is made where an indicator asks for it.
        instrument_id in (
            select indicators.subject_id
            from {{ ref('stg_declared__indicators') }} as indicators
            where indicators.measure_id = 'response_rate' and indicators.estimator = 'net'
        ) as has_net,
    from {{ ref('int_survey__windows') }}
),

estimated as (
    select
        counts.*,
        windows.* exclude (slot),
        unnest(['gross', 'net', 'eligible', 'usable']) as estimator,
        unnest([n_usable, n_usable, n_eligible, n_usable]) as numerator,
        unnest([n_eligible, n_reachable, 1, 1]) as denominator,
        unnest(['share', 'share', 'count', 'count']) as value_unit,
        unnest([n_eligible, n_reachable, n_eligible, n_usable]) as n_people,
    from counts
    inner join windows on counts.slot = windows.slot
),

judged as (
    select
        *,
        case
            when n_usable > n_eligible or (estimator = 'net' and n_usable > n_reachable) then 'withheld'
            when is_provisional then 'provisional'
            else 'ok'
        end as quality_state,
    from estimated
    where estimator <> 'net' or has_net
),

response_rates as (
    select
        {{ standard_row({
            'measure_id': "'response_rate'",
            'school_year': 'school_year',
            'period_kind': "'window'",
            'period_id': 'window_id',
            'period_starts_on': 'opens_on',
            'period_ends_on': 'closes_on',
            'unit_type': 'unit_type',
            'unit_id': 'unit_id',
            'group_set_id': 'group_set_id',
            'group_id': 'group_id',
            'subject_id': 'instrument_id',
            'estimator': 'estimator',
            'numerator': 'numerator',
            'denominator': 'denominator',
            'value_unit': 'value_unit',
            'n_people': 'n_people',
            'n_eligible': 'n_eligible',
            'n_unmeasured': '0',
            'quality_state': 'quality_state',
            'hold_reason': "case when quality_state = 'withheld' then 'more_responses_than_eligible' end",
            'population_id': survey_population(),
        }) }}
    from judged
)

select * from response_rates
