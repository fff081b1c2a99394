{{ config(materialized='view') }}
with

-- the years of touched periods alone, before millions of pieces meet the stays
student_pieces as (
    select * from {{ ref('int_attendance__student_pieces') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_periods') }} as touched)
),

stays as (
    select * from {{ ref('int_attendance__stays') }}
),

-- what one school tells of a student who was in no other is the district's as well, and is not written twice
unit_pieces as (
    select
        pieces.*,
        stays.student_no,
        stays.unit_no,
        stays.is_whole,
    from student_pieces as pieces
    inner join stays on pieces.stay_no = stays.stay_no
    union all by name
    select
        pieces.*,
        movers.student_no,
        0 as unit_no,
        false as is_whole,
    from student_pieces as pieces
    inner join (
        select * from stays
        where not is_whole
    ) as movers on pieces.stay_no = movers.stay_no
    where pieces.is_owner
)

select * from unit_pieces
