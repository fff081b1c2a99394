{{ config(materialized='view') }}
{%- set squares = ['absent_squares', 'products', 'measured_squares'] %}
{%- set summed = student_sums() + ['n_people'] + squares %}
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
        touched.period_ends_on,
        periods.piece_id,
        cast(
            dense_rank() over (order by touched.school_year, touched.period_kind, touched.period_id) as integer
        ) as period_no,
        touched.period_kind = 'term' as has_error,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods using (school_year, period_kind, period_id)
    where touched.is_complete and touched.period_kind in ('week', 'month', 'term')
),

-- a student in a unit, by a number alone while millions of pieces are grouped
student_units as (
    select * from {{ ref('int_attendance__student_units') }}
),

-- who was in other groups on the last day of a period
earlier as (
    select * from {{ ref('int_groups__earlier_combinations') }}
),

repeating_earlier as (
    select distinct
        repeating.period_no,
        earlier.student_no,
        earlier.combination_no,
    from earlier
    inner join repeating
        on earlier.school_year = repeating.school_year and earlier.ends_on = repeating.period_ends_on
),

-- as numbers of 64 bits, since they are summed up once more
repeating_students as (
    select
        repeating.period_no,
        repeating.has_error,
        pieces.student_unit_no,
        {% for column in student_sums()[:-1] -%}
            cast(sum(pieces.{{ column }}) as bigint) as {{ column }},
        {% endfor -%}
        cast(sum(pieces.absent_parts_0) as bigint) as absent_parts,
    from {{ ref('int_attendance__unit_pieces') }} as pieces
    inner join repeating on pieces.school_year = repeating.school_year and pieces.piece_id = repeating.piece_id
    where pieces.pair_no = 0
    group by repeating.period_no, repeating.has_error, pieces.student_unit_no
),

repeating_people as (
    select
        students.period_no,
        units.unit_no,
        units.is_whole,
        coalesce(earlier.combination_no, units.combination_no) as combination_no,
        count(*) filter (students.measured_parts > 0) as n_people,
        {% for column in student_sums() -%}
            sum(students.{{ column }}) as {{ column }},
        {% endfor -%}
        {{ squares_of('students.absent_parts', 'students.measured_parts', 'students.has_error') }}
    from repeating_students as students
    inner join student_units as units on students.student_unit_no = units.student_unit_no
    left join repeating_earlier as earlier
        on units.student_no = earlier.student_no and students.period_no = earlier.period_no
    group by all
),

growing_people as (
    select
        students.school_year,
        students.week_no,
        units.unit_no,
        units.is_whole,
        coalesce(earlier.combination_no, units.combination_no) as combination_no,
        count(*) filter (students.measured_parts > 0) as n_people,
        {% for column in student_sums()[:-1] -%}
            sum(students.{{ column }}) as {{ column }},
        {% endfor -%}
        sum(students.absent_parts_0) as absent_parts,
        {{ squares_of('students.absent_parts_0', 'students.measured_parts') }}
    from {{ ref('int_attendance__student_years') }} as students
    semi join {{ ref('int_attendance__grown_periods') }} as grown
        on students.school_year = grown.school_year and students.week_no = grown.week_no
    inner join student_units as units on students.student_unit_no = units.student_unit_no
    left join earlier
        on
            units.student_no = earlier.student_no
            and students.school_year = earlier.school_year
            and students.week_no = earlier.week_no
    where students.pair_no = 0
    group by all
),

people as (
    select
        places.school_year,
        places.period_kind,
        places.period_id,
        students.* exclude (period_no),
    from repeating_people as students
    inner join (select distinct * exclude (piece_id, period_ends_on, has_error) from repeating) as places
        using (period_no)
    union all by name
    select
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        students.* exclude (school_year, week_no),
    from growing_people as students
    inner join {{ ref('int_attendance__grown_periods') }} as periods
        on students.school_year = periods.school_year and students.week_no = periods.week_no
),

unit_people as (
    select * from people
    union all
    select * replace (0 as unit_no) from people
    where is_whole
),

grouped as (
    select
        people.school_year,
        people.period_kind,
        people.period_id,
        people.unit_no,
        combinations.group_set_id,
        combinations.group_id,
        {% for column in summed -%}
            sum(people.{{ column }}) as {{ column }},
        {% endfor -%}
        sum(people.absent_parts) / nullif(sum(people.measured_parts), 0) as absent_share,
    from unit_people as people
    inner join {{ ref('int_groups__combinations') }} as combinations
        on people.combination_no = combinations.combination_no
    group by
        people.school_year, people.period_kind, people.period_id, people.unit_no, combinations.group_set_id,
        combinations.group_id
),

unit_periods as (
    select
        grouped.* exclude (unit_no, absent_squares, products, measured_squares, absent_share),
        units.unit_type,
        units.unit_id,
        definition.definition_version,
        -- error of a ratio of sums, the students as the units of chance
        case
            when grouped.n_people > 1 and grouped.period_kind in ('term', 'year_to_date', 'year')
                then
                    sqrt(
                        greatest(
                            grouped.absent_squares - 2 * grouped.absent_share * grouped.products
                            + power(grouped.absent_share, 2) * grouped.measured_squares,
                            0
                        ) * grouped.n_people / (grouped.n_people - 1)
                    ) * {{ thousandth_of_a_day() }} / grouped.measured_parts
        end as se,
    from grouped
    inner join {{ ref('int_attendance__units') }} as units on grouped.unit_no = units.unit_no
    cross join definition
)

select * from unit_periods
