{{ config(materialized='view') }}
with

-- the newest week that is over
newest as (
    select
        max(dates.school_year) as school_year,
        arg_max(dates.week_no, dates.on_date) as week_no,
    from {{ ref('int_calendar__dates') }} as dates
    where
        dates.week_last_on <= (
            select max(submission.on_date) from {{ ref('int_attendance__submission') }} as submission
            where submission.submission_state <> 'not_yet'
        )
),

student_pieces as (
    select
        pieces.* exclude (week_no),
        newest.week_no,
    from {{ ref('int_attendance__student_pieces') }} as pieces
    inner join newest on pieces.school_year = newest.school_year and pieces.week_no <= newest.week_no
),

{{ unit_pieces() }},

standing as (
    select
        school_year,
        week_no,
        unit_no,
        is_whole,
        student_no,
        pair_no,
        {% for column in kept_sums() -%}
            cast(sum({{ column }}) as bigint) as {{ column }},
        {% endfor %}
    from unit_pieces
    group by all
)

select * from standing
