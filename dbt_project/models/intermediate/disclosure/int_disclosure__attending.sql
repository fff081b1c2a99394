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

people as (
    select
        attending.school_year,
        attending.period_kind,
        attending.period_id,
        students.is_whole,
        students.student_no,
        coalesce(units.unit_id, '') as school_id,
        coalesce(earlier.combination, combinations.combination) as groups,
    from attending
    inner join {{ ref('int_attendance__student_units') }} as students
        on attending.student_unit_no = students.student_unit_no
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on students.student_no = combinations.student_no and students.school_year = combinations.school_year
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            students.student_no = earlier.student_no
            and attending.school_year = earlier.school_year
            and attending.period_ends_on = earlier.ends_on
    left join {{ ref('int_attendance__units') }} as units
        on students.unit_no = units.unit_no and units.unit_type = 'school'
)

select * from people
