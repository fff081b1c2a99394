{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

-- of what is printed when it is over: years, and shorter periods of the newest year
closed as (
    select
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        periods.piece_id,
        touched.period_ends_on,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods using (school_year, period_kind, period_id)
    where
        touched.is_complete
        and touched.period_kind <> 'year_to_date'
        and (
            touched.period_kind = 'year'
            or touched.school_year = (select max(newest.school_year) from {{ ref('int_calendar__dates') }} as newest)
        )
),

attending as (
    select
        'attendance_rate' as measure_id,
        'default' as profile_id,
        closed.* exclude (piece_id),
        pieces.unit_no,
        pieces.is_whole,
        pieces.student_no,
    from {{ ref('int_attendance__unit_pieces') }} as pieces
    inner join closed on pieces.school_year = closed.school_year and pieces.piece_id = closed.piece_id
    where pieces.pair_no = 0
    group by all
    having sum(pieces.measured_parts) > 0
),

{{ judged_people(ref('int_attendance__profile_flags')) }},

counted as (
    select * from attending
    union all by name
    select
        'chronic_absence' as measure_id,
        judged.profile_id,
        closed.*,
        judged.unit_no,
        judged.is_whole,
        judged.student_no,
    from judged_people as judged
    inner join {{ ref('int_calendar__dates') }} as dates using (school_year, week_no)
    inner join (select distinct * exclude (piece_id) from closed) as closed
        on dates.school_year = closed.school_year and dates.on_date = closed.period_ends_on
    where closed.period_kind = 'year'
),

students as (
    select
        counted.* exclude (unit_no, period_ends_on),
        coalesce(units.unit_id, '') as school_id,
        coalesce(earlier.combination, combinations.combination) as groups,
        md5_number_lower(concat_ws('|', student_no, school_id, is_whole, groups)) as row_mark,
    from counted
    inner join {{ ref('int_groups__student_combinations') }} as combinations using (student_no, school_year)
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            counted.student_no = earlier.student_no
            and counted.school_year = earlier.school_year
            and counted.period_ends_on = earlier.ends_on
    left join {{ ref('int_attendance__units') }} as units
        on counted.unit_no = units.unit_no and units.unit_type = 'school'
)

select * from students
