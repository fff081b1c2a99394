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

student_pieces as not materialized (
    select
        pieces.* exclude (week_no),
        newest.week_no,
    from {{ ref('int_attendance__student_pieces') }} as pieces
    inner join newest on pieces.school_year = newest.school_year and pieces.week_no <= newest.week_no
),

{{ unit_pieces() }},

summed as (
    select
        week_no,
        student_unit_no,
        pair_no,
        {% for column in kept_sums() -%}
            cast(sum({{ column }}) as bigint) as {{ column }},
        {% endfor %}
    from unit_pieces
    group by week_no, student_unit_no, pair_no
),

standing as (
    select
        units.school_year,
        summed.* exclude (student_unit_no),
        units.unit_no,
        units.is_whole,
        units.student_no,
    from summed
    inner join {{ ref('int_attendance__student_units') }} as units on summed.student_unit_no = units.student_unit_no
)

select * from standing
