{{ config(materialized='view') }}
with

-- the touched periods that grow through the year, by the number of the week they end in
periods as (
    select distinct
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        dates.week_no,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__dates') }} as dates
        on touched.school_year = dates.school_year and touched.period_ends_on = dates.on_date
    where touched.is_complete and touched.period_kind in ('year_to_date', 'year')
),

-- all weeks before the first of them are one step
steps as (
    select
        pieces.school_year,
        greatest(pieces.week_no, years.first_no) as week_no,
        pieces.unit_type,
        pieces.unit_id,
        pieces.student_no,
        pieces.basis_no,
        {% for column in student_sums() -%}
            cast(sum(pieces.{{ column }}) as bigint) as {{ column }},
        {% endfor %}
    from {{ ref('int_attendance__student_pieces') }} as pieces
    inner join (
        select
            school_year,
            min(week_no) as first_no,
            max(week_no) as last_no,
        from periods
        group by school_year
    ) as years on pieces.school_year = years.school_year and pieces.week_no <= years.last_no
    group by
        pieces.school_year, greatest(pieces.week_no, years.first_no), pieces.unit_type, pieces.unit_id,
        pieces.student_no, pieces.basis_no
),

running as (
    select
        school_year,
        week_no,
        lead(week_no) over student as next_no,
        unit_type,
        unit_id,
        student_no,
        basis_no,
        {% for column in student_sums() -%}
            cast(sum({{ column }}) over (student rows unbounded preceding) as bigint) as {{ column }},
        {% endfor %}
    from steps
    window student as (partition by student_no, basis_no, unit_id, unit_type, school_year order by week_no)
),

student_years as (
    select
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        running.* exclude (school_year, week_no, next_no),
    from running
    inner join periods
        on
            running.school_year = periods.school_year
            and running.week_no <= periods.week_no
            and (running.next_no is null or running.next_no > periods.week_no)
)

select * from student_years
