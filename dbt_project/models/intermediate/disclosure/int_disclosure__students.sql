{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
with

closed as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        touched.period_ends_on,
        dates.week_no,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__dates') }} as dates
        on touched.school_year = dates.school_year and touched.period_ends_on = dates.on_date
    where touched.is_complete and touched.period_kind = 'year'
),

year_sums as (
    select sums.*
    from {{ ref('int_attendance__student_years') }} as sums
    semi join closed on sums.school_year = closed.school_year and sums.week_no = closed.week_no
),

{{ judged_stays('year_sums') }},

{{ judged_people('judged') }},

people as (
    select
        'chronic_absence' as measure_id,
        judged.profile_id,
        closed.school_year,
        closed.period_kind,
        closed.period_id,
        judged.is_whole,
        judged.student_no,
        coalesce(units.unit_id, '') as school_id,
        coalesce(earlier.combination, combinations.combination) as groups,
        {{ mark_of_student('judged.student_no', 'school_id', 'judged.is_whole', 'groups') }} as row_mark,
    from judged_people as judged
    inner join closed on judged.school_year = closed.school_year and judged.week_no = closed.week_no
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on judged.student_no = combinations.student_no and judged.school_year = combinations.school_year
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            judged.student_no = earlier.student_no
            and closed.school_year = earlier.school_year
            and closed.period_ends_on = earlier.ends_on
    left join {{ ref('int_attendance__units') }} as units
        on judged.unit_no = units.unit_no and units.unit_type = 'school'
)

select * from people
