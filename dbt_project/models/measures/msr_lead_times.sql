{{ config(materialized='view') }}
with

through as (
    select * from {{ source('landed', 'through') }}
),

releases as (
    select as_of from {{ ref('stg_ledger__events') }}
    where kind = 'release_promoted'
),

closings as (
    select
        windows.school_year,
        windows.closes_on,
        min(releases.as_of) as reported_on,
    from {{ ref('stg_declared__windows') }} as windows
    inner join releases on windows.closes_on < releases.as_of
    where windows.kind = 'survey'
    group by windows.school_year, windows.window_id, windows.closes_on
),

decided as (
    select
        reviews.school_year,
        reviews.packet_on,
        min(decisions.decided_on) as decided_on,
    from {{ ref('stg_declared__reviews') }} as reviews
    inner join {{ ref('stg_declared__decisions') }} as decisions
        on reviews.review_id = decisions.review_id and decisions.status = 'decided'
    group by reviews.school_year, reviews.review_id, reviews.packet_on
),

durations as (
    select
        school_year,
        'close_to_report' as subject_id,
        'calendar_days' as estimator,
        date_diff('day', closes_on, reported_on) as days,
    from closings
    union all
    select
        decided.school_year,
        'evidence_to_decision' as subject_id,
        'school_days' as estimator,
        count(dates.on_date) as days,
    from decided
    left join {{ ref('int_calendar__dates') }} as dates
        on decided.packet_on < dates.on_date and decided.decided_on >= dates.on_date
    where decided.decided_on >= decided.packet_on
    group by decided.school_year, decided.packet_on, decided.decided_on
),

medians as (
    select
        durations.school_year,
        durations.subject_id,
        durations.estimator,
        cast(median(durations.days) as decimal(18, 1)) as numerator,
        1 as denominator,
        count(*) as n_durations,
        'ok' as quality_state,
        least(any_value(through.as_of), any_value(years.ends_on)) as ends_on,
        any_value(district.district_id) as district_id,
        any_value(years.starts_on) as starts_on,
    from durations
    inner join (
        select
            school_year,
            min(on_date) as starts_on,
            max(on_date) as ends_on,
        from {{ ref('int_calendar__dates') }}
        group by school_year
    ) as years on durations.school_year = years.school_year
    cross join through
    cross join {{ ref('stg_declared__district') }} as district
    group by durations.school_year, durations.subject_id, durations.estimator
),

lead_times as (
    select
        {{ standard_row({
            'measure_id': "'lead_times'", 'school_year': 'school_year', 'period_kind': "'year_to_date'",
            'period_id': 'ends_on', 'period_starts_on': 'starts_on', 'period_ends_on': 'ends_on',
            'unit_type': "'district'", 'unit_id': 'district_id', 'subject_id': 'subject_id',
            'estimator': 'estimator', 'numerator': 'numerator', 'denominator': 'denominator',
            'value_unit': "'days'", 'n_observations': 'n_durations', 'population_id': "'process:' || school_year",
        }) }}
    from medians
)

select * from lead_times
