with

counts as (
    select * from {{ ref('stg_landed__attendance_counts') }}
    where group_id = 'all'
),

weights as (
    select
        schools.school_id,
        arg_max(schools.n_enrolled, schools.valid_from) as n_weight,
    from {{ ref('stg_landed__schools') }} as schools
    inner join {{ ref('stg_declared__district') }} as district on schools.source_id = district.weight_source
    group by schools.school_id
),

shares as (
    select
        dates.school_year,
        counts.on_date,
        counts.school_id,
        counts.status,
        counts.n_present is not null as has_counts,
        coalesce(counts.n_enrolled, weights.n_weight) as n_people,
        counts.n_present,
        coalesce(
            counts.attendance_share,
            cast(counts.n_present / nullif(counts.n_enrolled, 0) as decimal(7, 6))
        ) as attendance_share,
    from counts
    inner join {{ ref('int_calendar__dates') }} as dates on counts.on_date = dates.on_date
    left join weights on counts.school_id = weights.school_id
),

compared as (
    select
        *,
        count(*) filter (status <> 'closed') over (partition by on_date) as n_listed,
        count(*) filter (status = 'reported') over (partition by on_date) as n_reported,
        median(attendance_share) over (
            partition by school_id
            order by on_date
            rows between {{ var('implausible_zero')['days'] }} preceding and 1 preceding
        ) as usual_share,
    from shares
),

count_days as (
    select
        school_year,
        on_date,
        school_id,
        case
            when status = 'closed' then 'closed'
            when
                (n_listed - n_reported) * {{ var('closed_share')['denominator'] }}
                > n_listed * {{ var('closed_share')['numerator'] }} then 'closed_or_not_reported'
            when
                status = 'reported' and attendance_share = 0
                and usual_share * {{ var('implausible_zero')['denominator'] }}
                > {{ var('implausible_zero')['numerator'] }} then 'implausible_zero'
            else status
        end as day_state,
        has_counts,
        cast(n_people as bigint) as n_people,
        cast(n_present as bigint) as n_present,
        attendance_share,
    from compared
)

select * from count_days
