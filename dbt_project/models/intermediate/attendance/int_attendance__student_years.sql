{{ config(materialized='view', once=true, stale='int_changes__touched_periods') }}
with

weeks as (
    select
        school_year,
        week_no,
    from {{ ref('int_attendance__grown_periods') }}
    union
    select
        school_year,
        week_no,
    from {{ ref('int_changes__touched_outlooks') }}
    where is_complete
),

years as (
    select
        school_year,
        min(week_no) as first_no,
        max(week_no) as last_no,
    from weeks
    group by school_year
),

pieces as (
    select
        pieces.*,
        years.first_no,
        years.last_no,
    from {{ ref('int_attendance__unit_pieces') }} as pieces
    inner join years on pieces.school_year = years.school_year and pieces.week_no <= years.last_no
),

-- all weeks before the first touched one are one step
steps as (
    select
        school_year,
        week_no,
        last_no,
        student_unit_no,
        pair_no,
        {% for both, sums in packed_sums().items() -%}
            {{ packed(*sums) }} as {{ both }},
        {% endfor %}
    from pieces
    where week_no >= first_no
    union all
    select
        school_year,
        first_no - 1 as week_no,
        last_no,
        student_unit_no,
        pair_no,
        {% for both, sums in packed_sums().items() -%}
            cast(sum({{ packed(*sums) }}) as bigint) as {{ both }},
        {% endfor %}
    from pieces
    where week_no < first_no
    group by school_year, first_no, last_no, student_unit_no, pair_no
),

running as (
    select
        school_year,
        -- the weeks up to the student's next step; none where that is in the same week
        unnest(range(week_no, coalesce(lead(week_no) over student, last_no + 1))) as week_no,
        student_unit_no,
        pair_no,
        {% for both in packed_sums() -%}
            cast(sum({{ both }}) over (student rows unbounded preceding) as bigint) as {{ both }},
        {% endfor %}
    from steps
    window student as (partition by student_unit_no, pair_no order by week_no)
),

student_years as (
    select
        running.* exclude ({{ packed_sums() | join(', ') }}),
        {% for both, sums in packed_sums().items() -%}
            {{ unpacked('running.' ~ both, *sums) }}
        {% endfor %}
    from running
    semi join weeks on running.school_year = weeks.school_year and running.week_no = weeks.week_no
)

select * from student_years
