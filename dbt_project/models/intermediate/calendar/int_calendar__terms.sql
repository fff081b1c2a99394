with

dates as (
    select
        *,
        count(*) over (partition by school_year) as n_days,
    from {{ ref('int_calendar__dates') }}
),

names as (
    select
        unnest(string_split(peer_terms, ',')) as name,
        len(string_split(peer_terms, ',')) as n_terms,
        generate_subscripts(string_split(peer_terms, ','), 1) as term_no,
    from {{ ref('stg_declared__district') }}
    where peer_terms is not null
),

terms as (
    select
        dates.school_year,
        -- a declared term may have the same name and other days
        dates.school_year || '_peers_' || names.name as period_id,
        names.name as term,
        min(dates.on_date) as first_on,
        max(dates.on_date) as last_on,
    from dates
    inner join names
        on
            dates.year_day_no > dates.n_days * (names.term_no - 1) // names.n_terms
            and dates.year_day_no <= dates.n_days * names.term_no // names.n_terms
    group by dates.school_year, names.name
)

select * from terms
