{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

-- of what is printed when it is over: years, and shorter periods of the newest year
closed as (
    select
        school_year,
        period_kind,
        period_id,
        period_ends_on,
        cast(row_number() over (order by school_year, period_kind, period_id) as integer) as period_no,
    from {{ ref('int_changes__touched_periods') }}
    where
        is_complete
        and period_kind <> 'year_to_date'
        and (
            period_kind = 'year'
            or school_year = (select max(newest.school_year) from {{ ref('int_calendar__dates') }} as newest)
        )
),

closed_years as (
    select
        closed.period_no,
        closed.school_year,
        dates.week_no,
    from closed
    inner join {{ ref('int_calendar__dates') }} as dates
        on closed.school_year = dates.school_year and closed.period_ends_on = dates.on_date
    where closed.period_kind = 'year'
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

-- by numbers alone, as millions of pieces are told apart
attending as (
    select distinct
        closed_pieces.period_no,
        pieces.unit_no,
        pieces.is_whole,
        pieces.student_no,
    from {{ ref('int_attendance__unit_pieces') }} as pieces
    inner join closed_pieces
        on pieces.school_year = closed_pieces.school_year and pieces.piece_id = closed_pieces.piece_id
    where pieces.pair_no = 0 and pieces.measured_parts > 0
),

year_sums as (
    select sums.*
    from {{ ref('int_attendance__student_years') }} as sums
    semi join closed_years
        on sums.school_year = closed_years.school_year and sums.week_no = closed_years.week_no
),

{{ judged_stays('year_sums') }},

{{ judged_people('judged') }},

counted as (
    select
        *,
        'attendance_rate' as measure_id,
        'default' as profile_id,
    from attending
    union all by name
    select
        closed_years.period_no,
        judged.unit_no,
        judged.is_whole,
        judged.student_no,
        'chronic_absence' as measure_id,
        judged.profile_id,
    from judged_people as judged
    inner join closed_years on judged.school_year = closed_years.school_year and judged.week_no = closed_years.week_no
),

grouped as (
    select
        counted.*,
        closed.school_year,
        coalesce(earlier.combination_no, combinations.combination_no) as combination_no,
    from counted
    inner join closed on counted.period_no = closed.period_no
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on counted.student_no = combinations.student_no and closed.school_year = combinations.school_year
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            counted.student_no = earlier.student_no
            and closed.school_year = earlier.school_year
            and closed.period_ends_on = earlier.ends_on
),

combinations as (
    select
        student_no,
        school_year,
        combination_no,
        combination,
    from {{ ref('int_groups__student_combinations') }}
    union
    select
        student_no,
        school_year,
        combination_no,
        combination,
    from {{ ref('int_groups__earlier_combinations') }}
),

places as (
    select distinct
        school_year,
        unit_no,
        is_whole,
        student_no,
        combination_no,
    from grouped
),

-- what is told of a student in a school is the same in every period: digested once
marks as (
    select
        places.school_year,
        places.unit_no,
        places.is_whole,
        places.student_no,
        places.combination_no,
        coalesce(units.unit_id, '') as school_id,
        combinations.combination as groups,
        md5_number_lower(concat_ws('|', places.student_no, school_id, places.is_whole, groups)) as row_mark,
    from places
    inner join combinations
        on
            places.student_no = combinations.student_no
            and places.school_year = combinations.school_year
            and places.combination_no = combinations.combination_no
    left join {{ ref('int_attendance__units') }} as units
        on places.unit_no = units.unit_no and units.unit_type = 'school'
),

people as (
    select
        grouped.measure_id,
        grouped.profile_id,
        closed.school_year,
        closed.period_kind,
        closed.period_id,
        grouped.is_whole,
        grouped.student_no,
        marks.school_id,
        marks.groups,
        marks.row_mark,
    from grouped
    inner join closed on grouped.period_no = closed.period_no
    inner join marks
        on
            grouped.school_year = marks.school_year
            and grouped.unit_no = marks.unit_no
            and grouped.is_whole = marks.is_whole
            and grouped.student_no = marks.student_no
            and grouped.combination_no = marks.combination_no
)

select * from people
