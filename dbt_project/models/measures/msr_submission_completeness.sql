{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

periods as (
    select
        touched.*,
        periods.piece_id,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods using (school_year, period_kind, period_id)
    where touched.is_complete
),

pieces as (
    select
        dates.school_year,
        dates.piece_id,
        submission.school_id,
        sum(submission.n_sent) as n_sent,
        sum(submission.n_expected) as n_expected,
    from {{ ref('int_attendance__submission') }} as submission
    inner join {{ ref('int_calendar__dates') }} as dates on submission.on_date = dates.on_date
    where submission.submission_state <> 'not_yet'
    group by dates.school_year, dates.piece_id, submission.school_id
    union all by name
    select
        dates.school_year,
        dates.piece_id,
        days.school_id,
        count(*) filter (days.day_state in ('reported', 'implausible_zero')) as n_sent,
        count(*) as n_expected,
    from {{ ref('int_attendance__count_days') }} as days
    inner join {{ ref('int_calendar__dates') }} as dates on days.on_date = dates.on_date
    where days.day_state not in ('closed', 'closed_or_not_reported')
    group by dates.school_year, dates.piece_id, days.school_id
),

summed as (
    select
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        any_value(periods.period_starts_on) as period_starts_on,
        any_value(periods.period_ends_on) as period_ends_on,
        case when grouping(pieces.school_id) = 0 then 'school' else 'district' end as unit_type,
        coalesce(pieces.school_id, (select district.district_id from {{ ref('stg_declared__district') }} as district))
            as unit_id,
        sum(pieces.n_sent) as n_sent,
        sum(pieces.n_expected) as n_expected,
    from periods
    inner join pieces on periods.school_year = pieces.school_year and periods.piece_id = pieces.piece_id
    group by grouping sets (
        (periods.school_year, periods.period_kind, periods.period_id),
        (periods.school_year, periods.period_kind, periods.period_id, pieces.school_id)
    )
),

judged as (
    select
        *,
        'ok' as quality_state,
        n_sent as numerator,
        n_expected as denominator,
    from summed
),

submission_completeness as (
    select
        {{ standard_row({
            'measure_id': "'submission_completeness'", 'school_year': 'school_year', 'period_kind': 'period_kind',
            'period_id': 'period_id', 'period_starts_on': 'period_starts_on', 'period_ends_on': 'period_ends_on',
            'unit_type': 'unit_type', 'unit_id': 'unit_id', 'numerator': 'numerator', 'denominator': 'denominator',
            'value_unit': "'share'", 'n_observations': 'n_sent', 'n_eligible': 'n_expected',
            'n_unmeasured': 'n_expected - n_sent', 'completeness': 1,
            'population_id': "'attendance:' || school_year",
        }) }}
    from judged
)

select * from submission_completeness
