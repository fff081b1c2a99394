{{ config(materialized='view') }}
with

-- by the period's own columns: whoever asks for one period reads its pieces alone
periods as (
    select * from {{ ref('int_calendar__periods') }} as periods
    where {{ is_compared('periods') }}
),

student_pieces as not materialized (
    select * from {{ ref('int_attendance__student_pieces') }}
),

{{ unit_pieces() }},

attending as (
    select distinct
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        periods.period_ends_on,
        pieces.student_unit_no,
    from unit_pieces as pieces
    inner join periods on pieces.school_year = periods.school_year and pieces.piece_id = periods.piece_id
    where pieces.pair_no = 0 and pieces.measured_parts > 0
),

behind as (
    select
        attending.* exclude (student_unit_no),
        students.is_whole,
        students.student_no,
        students.unit_no,
    from attending
    inner join {{ ref('int_attendance__student_units') }} as students
        on attending.student_unit_no = students.student_unit_no
),

{{ placed_people() }}

select * from people
