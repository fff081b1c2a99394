{{ config(materialized='view') }}
{%- set thousandth = '(' ~ var('day_parts') ~ ' // 1000)' %}
{%- set summed = student_sums() + ['n_people', 'absent_squares', 'products', 'measured_squares'] %}
with

definition as (
    select definition_version from {{ ref('stg_declared__profiles') }}
    where measure_id = 'attendance_rate'
),

repeating as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        pieces.unit_type,
        pieces.unit_id,
        pieces.student_no,
        {% for column in student_sums() -%}
            cast(sum(pieces.{{ column }}) as bigint) as {{ column }},
        {% endfor %}
    from {{ ref('int_attendance__student_pieces') }} as pieces
    inner join {{ ref('int_calendar__periods') }} as periods
        on pieces.school_year = periods.school_year and pieces.piece_id = periods.piece_id
    inner join {{ ref('int_changes__touched_periods') }} as touched
        on
            periods.school_year = touched.school_year
            and periods.period_kind = touched.period_kind
            and periods.period_id = touched.period_id
    where pieces.basis_no = 0 and touched.is_complete and touched.period_kind in ('week', 'month')
    group by
        touched.school_year, touched.period_kind, touched.period_id, pieces.unit_type, pieces.unit_id,
        pieces.student_no
),

students as (
    select * from repeating
    union all by name
    select * exclude (basis_no) from {{ ref('int_attendance__student_years') }}
    where basis_no = 0
),

-- squares of thousandths of days: of whole parts they would not fit
people as (
    select
        students.school_year,
        students.period_kind,
        students.period_id,
        students.unit_type,
        students.unit_id,
        combinations.combination_no,
        count(*) filter (students.measured_parts > 0) as n_people,
        {% for column in student_sums() -%}
            cast(sum(students.{{ column }}) as bigint) as {{ column }},
        {% endfor -%}
        sum(
            (students.absent_parts // {{ thousandth }}) * (students.absent_parts // {{ thousandth }})
        ) as absent_squares,
        sum(
            (students.absent_parts // {{ thousandth }}) * (students.measured_parts // {{ thousandth }})
        ) as products,
        sum(
            (students.measured_parts // {{ thousandth }}) * (students.measured_parts // {{ thousandth }})
        ) as measured_squares,
    from students
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on students.student_no = combinations.student_no and students.school_year = combinations.school_year
    group by
        students.school_year, students.period_kind, students.period_id, students.unit_type, students.unit_id,
        combinations.combination_no
),

grouped as (
    select
        people.school_year,
        people.period_kind,
        people.period_id,
        people.unit_type,
        people.unit_id,
        combinations.group_set_id,
        combinations.group_id,
        {% for column in summed -%}
            sum(people.{{ column }}) as {{ column }},
        {% endfor -%}
        sum(people.absent_parts) / nullif(sum(people.measured_parts), 0) as absent_share,
    from people
    inner join {{ ref('int_groups__combinations') }} as combinations
        on people.combination_no = combinations.combination_no
    group by
        people.school_year, people.period_kind, people.period_id, people.unit_type, people.unit_id,
        combinations.group_set_id, combinations.group_id
),

unit_periods as (
    select
        grouped.* exclude (absent_squares, products, measured_squares, absent_share),
        definition.definition_version,
        -- error of a ratio of sums, the students as the units of chance
        case
            when grouped.n_people > 1 and grouped.period_kind in ('year_to_date', 'year')
                then
                    sqrt(
                        greatest(
                            grouped.absent_squares - 2 * grouped.absent_share * grouped.products
                            + power(grouped.absent_share, 2) * grouped.measured_squares,
                            0
                        ) * grouped.n_people / (grouped.n_people - 1)
                    ) * {{ thousandth }} / grouped.measured_parts
        end as se,
    from grouped
    cross join definition
)

select * from unit_periods
