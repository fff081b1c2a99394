{{ config(materialized='view') }}
with

-- the years of touched periods that are over alone, before millions of pieces meet the stays: in the middle of a week
-- there are none
student_pieces as not materialized (
    select * from {{ ref('int_attendance__student_pieces') }}
    where
        school_year in (
            select touched.school_year from {{ ref('int_changes__touched_periods') }} as touched
            where touched.is_complete
            union
            select outlooks.school_year from {{ ref('int_changes__touched_outlooks') }} as outlooks
            where outlooks.is_complete
        )
),

{{ unit_pieces() }}

select * from unit_pieces
