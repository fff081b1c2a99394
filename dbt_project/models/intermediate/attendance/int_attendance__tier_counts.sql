{{ config(materialized='view') }}
with

students as (
    select
        students.* exclude (pair_no, student_unit_no),
        units.unit_no,
        units.is_whole,
        coalesce(earlier.combination_no, units.combination_no) as combination_no,
        case
            when
                students.measured_parts = 0
                or students.measured_parts * district.measured_share_denominator
                < students.member_parts * district.measured_share_numerator then 'unmeasured'
            when 20 * students.absent_parts_0 < students.measured_parts then 'satisfactory'
            when 10 * students.absent_parts_0 < students.measured_parts then 'at_risk'
            when 5 * students.absent_parts_0 < students.measured_parts then 'moderate'
            else 'severe'
        end as tier,
    from {{ ref('int_attendance__student_years') }} as students
    semi join {{ ref('int_attendance__grown_periods') }} as grown
        on students.school_year = grown.school_year and students.week_no = grown.week_no
    inner join {{ ref('int_attendance__student_units') }} as units on students.student_unit_no = units.student_unit_no
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            units.student_no = earlier.student_no
            and students.school_year = earlier.school_year
            and students.week_no = earlier.week_no
    cross join {{ ref('stg_declared__district') }} as district
    where students.pair_no = 0
),

counted as (
    select
        school_year,
        week_no,
        unit_no,
        is_whole,
        combination_no,
        {% for tier in absence_tiers() + ['unmeasured'] -%}
            count(*) filter (tier = '{{ tier }}') as n_{{ tier }},
        {% endfor -%}
        sum(measured_parts) as n_measured,
        sum(member_parts) as n_expected,
    from students
    group by school_year, week_no, unit_no, is_whole, combination_no
),

-- a student of one school alone counts there and in the district
tier_counts as (
    select * exclude (is_whole) from counted
    union all
    select * exclude (is_whole) replace (0 as unit_no) from counted
    where is_whole
)

select * from tier_counts
