{{ config(materialized='view') }}
with

periods as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        periods.piece_id,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods using (school_year, period_kind, period_id)
    where touched.is_complete
),

pieces as (
    select
        days.school_year,
        dates.piece_id,
        days.school_id,
        max(days.n_people) as n_people,
        bool_or(days.has_counts) as has_counts,
        count(*) filter (days.day_state = 'reported') as n_reported,
        count(*) as n_listed,
        sum(days.n_people) filter (days.day_state = 'reported') as expected,
        sum(
            case when days.has_counts then days.n_present else days.n_people * days.attendance_share end
        ) filter (days.day_state = 'reported') as present,
        sum(days.attendance_share) filter (days.day_state = 'reported') as shares,
    from {{ ref('int_attendance__count_days') }} as days
    inner join {{ ref('int_calendar__dates') }} as dates on days.on_date = dates.on_date
    where days.day_state not in ('closed', 'closed_or_not_reported')
    group by days.school_year, dates.piece_id, days.school_id
),

schools as (
    select
        pieces.school_year,
        periods.period_kind,
        periods.period_id,
        pieces.school_id,
        max(pieces.n_people) as n_people,
        bool_or(pieces.has_counts) as has_counts,
        cast(sum(pieces.n_reported) as bigint) as n_reported,
        cast(sum(pieces.n_listed) as bigint) as n_listed,
        sum(pieces.expected) as expected,
        sum(pieces.present) as present,
        sum(pieces.shares) as shares,
    from pieces
    inner join periods on pieces.school_year = periods.school_year and pieces.piece_id = periods.piece_id
    group by pieces.school_year, periods.period_kind, periods.period_id, pieces.school_id
),

units as (
    select
        * exclude (school_id),
        'school' as unit_type,
        school_id as unit_id,
        case when has_counts then '' else 'school_share' end as estimator,
        case when has_counts then present else shares end as numerator,
        case when has_counts then expected else n_reported end as denominator,
    from schools
    union all by name
    select
        schools.school_year,
        schools.period_kind,
        schools.period_id,
        sum(schools.n_people) filter (schools.n_reported > 0) as n_people,
        bool_and(schools.has_counts) as has_counts,
        sum(schools.n_reported) as n_reported,
        sum(schools.n_listed) as n_listed,
        'district' as unit_type,
        any_value(district.district_id) as unit_id,
        case
            when bool_and(schools.has_counts) then ''
            when any_value(district.weight_source) is null then 'unweighted_school_mean'
            else 'weighted_share'
        end as estimator,
        case when estimator = 'unweighted_school_mean' then sum(schools.shares) else sum(schools.present) end
            as numerator,
        case when estimator = 'unweighted_school_mean' then sum(schools.n_reported) else sum(schools.expected) end
            as denominator,
    from schools
    cross join {{ ref('stg_declared__district') }} as district
    group by schools.school_year, schools.period_kind, schools.period_id
)

select * from units
