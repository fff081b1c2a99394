{{ config(materialized='view') }}
with

-- the years of touched periods alone, before millions of pieces meet the stays
student_pieces as (
    select * from {{ ref('int_attendance__student_pieces') }}
    where
        school_year in (
            select touched.school_year from {{ ref('int_changes__touched_periods') }} as touched
            union
            select outlooks.school_year from {{ ref('int_changes__touched_outlooks') }} as outlooks
        )
),

{{ unit_pieces() }}

select * from unit_pieces
