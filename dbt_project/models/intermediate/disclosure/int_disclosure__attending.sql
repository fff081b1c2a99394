{{ config(materialized='view') }}
with

closed as (
    select
        school_year,
        period_kind,
        period_id,
        any_value(period_ends_on) as period_ends_on,
        cast(row_number() over (order by school_year, period_kind, period_id) as integer) as period_no,
    from {{ ref('int_calendar__periods') }} as periods
    where {{ is_compared('periods') }}
    group by school_year, period_kind, period_id
),

closed_pieces as (
    select
        closed.period_no,
        periods.school_year,
        periods.piece_id,
    from closed
    inner join {{ ref('int_calendar__periods') }} as periods
        on
            closed.school_year = periods.school_year
            and closed.period_kind = periods.period_kind
            and closed.period_id = periods.period_id
),

student_pieces as not materialized (
    select * from {{ ref('int_attendance__student_pieces') }}
),

{{ unit_pieces() }},

{{ attending_students() }},

people as (
    select
        closed.school_year,
        closed.period_kind,
        closed.period_id,
        students.is_whole,
        students.student_no,
        coalesce(units.unit_id, '') as school_id,
        coalesce(earlier.combination, combinations.combination) as groups,
    from attending
    inner join closed on attending.period_no = closed.period_no
    inner join {{ ref('int_attendance__student_units') }} as students
        on attending.student_unit_no = students.student_unit_no
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on students.student_no = combinations.student_no and students.school_year = combinations.school_year
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            students.student_no = earlier.student_no
            and closed.school_year = earlier.school_year
            and closed.period_ends_on = earlier.ends_on
    left join {{ ref('int_attendance__units') }} as units
        on students.unit_no = units.unit_no and units.unit_type = 'school'
)

select * from people
