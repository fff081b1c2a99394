{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

closed as (
    select
        school_year,
        period_kind,
        period_id,
        period_ends_on,
        cast(row_number() over (order by school_year, period_kind, period_id) as integer) as period_no,
    from {{ ref('int_changes__touched_periods') }} as touched
    where is_complete and {{ is_compared('touched') }}
),

-- first, as there are few: by period they would multiply millions of pieces
closed_pieces as materialized (
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

attending as (
    select distinct
        closed_pieces.period_no,
        pieces.student_unit_no,
    from {{ ref('int_attendance__unit_pieces') }} as pieces
    inner join closed_pieces
        on pieces.school_year = closed_pieces.school_year and pieces.piece_id = closed_pieces.piece_id
    where pieces.pair_no = 0 and pieces.measured_parts > 0
),

-- what is told of a student in a unit is the same in every period but for other groups: digested once
students as materialized (
    select
        students.student_unit_no,
        students.student_no,
        students.school_year,
        students.is_whole,
        coalesce(units.unit_id, '') as school_id,
        {{ mark_of_student('students.student_no', 'school_id', 'students.is_whole', 'combinations.combination') }}
            as row_mark,
    from {{ ref('int_attendance__student_units') }} as students
    semi join closed on students.school_year = closed.school_year
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on students.student_no = combinations.student_no and students.school_year = combinations.school_year
    left join {{ ref('int_attendance__units') }} as units
        on students.unit_no = units.unit_no and units.unit_type = 'school'
),

earlier as (
    select
        closed.period_no,
        students.student_unit_no,
        {{ mark_of_student('students.student_no', 'students.school_id', 'students.is_whole', 'earlier.combination') }}
            as row_mark,
    from {{ ref('int_groups__earlier_combinations') }} as earlier
    inner join closed on earlier.school_year = closed.school_year and earlier.ends_on = closed.period_ends_on
    inner join students on earlier.student_no = students.student_no and earlier.school_year = students.school_year
),

marked as (
    select
        attending.period_no,
        students.is_whole,
        coalesce(earlier.row_mark, students.row_mark) as row_mark,
    from attending
    inner join students on attending.student_unit_no = students.student_unit_no
    left join earlier
        on attending.period_no = earlier.period_no and attending.student_unit_no = earlier.student_unit_no
),

counted as (
    select
        period_no,
        {{ summed_marks() }}
    from marked
    group by period_no
),

student_marks as (
    select
        'attendance_rate' as measure_id,
        'default' as profile_id,
        closed.* exclude (period_ends_on, period_no),
        counted.* exclude (period_no),
    from counted
    inner join closed on counted.period_no = closed.period_no
    union all by name
    select
        judged.measure_id,
        judged.profile_id,
        judged.school_year,
        judged.period_kind,
        judged.period_id,
        {{ summed_marks() }}
    from {{ ref('int_disclosure__students') }} as judged
    semi join closed
        on
            judged.school_year = closed.school_year
            and judged.period_kind = closed.period_kind
            and judged.period_id = closed.period_id
    group by judged.measure_id, judged.profile_id, judged.school_year, judged.period_kind, judged.period_id
)

select * from student_marks
