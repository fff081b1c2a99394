{{ config(materialized='view') }}
with

dates as (
    select * from {{ ref('int_calendar__dates') }}
),

redefined as (
    select years.school_year
    from {{ ref('int_changes__years') }} as years
    left join {{ source('landed', 'built_years') }} as built on years.school_year = built.school_year
    where split_part(years.fingerprint, '|', 1) is distinct from split_part(built.fingerprint, '|', 1)
),

-- a day that became a holiday, or went to another piece, is missed in the piece it was in
redated as (
    {{ differing('dates', source('landed', 'built_dates'), 'school_year, on_date, piece_id, week_no') }}
),

touched_pieces as (
    select
        school_year,
        piece_id,
    from redated
    union
    select
        dates.school_year,
        dates.piece_id,
    from dates
    where
        dates.on_date in (select touched.on_date from {{ ref('int_changes__touched_days') }} as touched)
        or dates.school_year in (select redefined.school_year from redefined)
)

select * from touched_pieces
