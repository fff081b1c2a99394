with

calendar_days as (
    select * from {{ ref('int_calendar__days') }}
),

school_days as (
    select
        cast(slot as integer) as school_year,
        on_date,
        strftime(on_date, '%G-W%V') as week_id,
        strftime(on_date, '%Y-%m') as month_id,
    from calendar_days
    where is_instructional
    group by all
),

-- a term may end in the middle of a week: no piece is in two terms
cut_days as (
    select
        school_days.*,
        count(distinct terms.ends_on) as n_terms_over,
    from school_days
    left join {{ ref('stg_declared__terms') }} as terms
        on school_days.school_year = terms.school_year and school_days.on_date > terms.ends_on
    group by all
),

dates as (
    select
        school_year,
        on_date,
        week_id,
        month_id,
        week_id || '-' || right(month_id, 2) || if(n_terms_over > 0, '-' || n_terms_over, '') as piece_id,
        cast(row_number() over (order by on_date) as integer) as day_no,
        cast(row_number() over (partition by school_year order by on_date) as integer) as year_day_no,
        max(on_date) over (partition by school_year, week_id) as week_last_on,
        cast(dense_rank() over (partition by school_year order by week_id) as integer) as week_no,
    from cut_days
)

select * from dates
