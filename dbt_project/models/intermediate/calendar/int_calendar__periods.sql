with

dates as (
    select * from {{ ref('int_calendar__dates') }}
),

named as (
    select
        school_year,
        piece_id,
        on_date,
        week_last_on,
        unnest([
            { 'kind': 'week', 'id': week_id },
            { 'kind': 'month', 'id': month_id },
            { 'kind': 'year', 'id': cast(school_year as varchar) }
        ]) as period,
    from dates
),

repeating as (
    select
        school_year,
        period.kind as period_kind,
        period.id as period_id,
        piece_id,
        min(on_date) over (partition by school_year, period) as period_starts_on,
        max(on_date) over (partition by school_year, period) as period_ends_on,
    from named
),

weeks as (
    select distinct
        school_year,
        week_last_on,
    from dates
),

growing as (
    select
        dates.school_year,
        'year_to_date' as period_kind,
        cast(weeks.week_last_on as varchar) as period_id,
        dates.piece_id,
        min(dates.on_date) over (partition by dates.school_year) as period_starts_on,
        weeks.week_last_on as period_ends_on,
    from dates
    inner join weeks on dates.school_year = weeks.school_year and dates.on_date <= weeks.week_last_on
),

compared as (
    select
        dates.school_year,
        'term' as period_kind,
        terms.period_id,
        dates.piece_id,
        min(dates.on_date) over (partition by terms.period_id) as period_starts_on,
        max(dates.on_date) over (partition by terms.period_id) as period_ends_on,
    from dates
    inner join {{ ref('int_calendar__terms') }} as terms
        on dates.school_year = terms.school_year and dates.week_last_on between terms.first_on and terms.last_on
),

declared as (
    select
        spans.school_year,
        'term' as period_kind,
        spans.period_id,
        dates.piece_id,
        min(dates.on_date) over (partition by spans.school_year, spans.period_id) as period_starts_on,
        max(dates.on_date) over (partition by spans.school_year, spans.period_id) as period_ends_on,
    from {{ ref('int_calendar__declared_terms') }} as spans
    inner join dates
        on spans.school_year = dates.school_year and spans.after_on < dates.on_date and spans.ends_on >= dates.on_date
),

periods as (
    select distinct * from repeating
    union all
    select distinct * from declared
    union all
    select distinct * from growing
    union all
    select distinct * from compared
)

select * from periods
