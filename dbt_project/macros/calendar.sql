-- Write the school year of a day: it is named by its spring, and July begins the next one.
{% macro school_year_of(day) -%}
    (year({{ day }}) + if(month({{ day }}) >= 7, 1, 0))
{%- endmacro %}

-- Select, as the CTE scopes, what has school days of its own: school, calendar and grade, in the years of a relation.
{% macro scopes(years) -%}
scopes as (
    select * from {{ ref('int_enrollment__scopes') }}
    where school_year in (select asked.school_year from {{ years }} as asked)
)
{%- endmacro %}

{#
Select, as the CTEs told and instructional_days, the school days of the CTE scopes (school, calendar, grade, year) for which
a condition on calendar_days holds, with what each is worth: what is told of a school stands before what is told of all,
what is told of a grade before what is told of all.
#}
{% macro told_days(condition) -%}
calendar_days as (
    select
        *,
        cast(slot as integer) as school_year,
    from {{ ref('int_calendar__days') }}
),

told as (
    select
        scopes.school_id,
        scopes.calendar_id,
        scopes.grade,
        scopes.school_year,
        calendar_days.on_date,
        calendar_days.day_kind,
        calendar_days.is_instructional,
    from scopes
    inner join calendar_days
        on
            scopes.calendar_id = calendar_days.calendar_id
            and scopes.school_year = calendar_days.school_year
            and (calendar_days.school_id is null or scopes.school_id = calendar_days.school_id)
            and (
                calendar_days.grades is null
                or list_contains(string_split(calendar_days.grades, ','), scopes.grade)
            )
    where {{ condition }}
    qualify
        row_number() over (
            partition by scopes.school_id, scopes.calendar_id, scopes.grade, calendar_days.on_date
            order by calendar_days.school_id is null, calendar_days.grades is null
        ) = 1
),

instructional_days as (
    select
        told.school_id,
        told.calendar_id,
        told.grade,
        told.on_date,
        told.school_year,
        cast(
            (
                2 * {{ var('day_parts') }} * coalesce(day_weights.weight_numerator, 1)
                + coalesce(day_weights.weight_denominator, 1)
            ) // (2 * coalesce(day_weights.weight_denominator, 1)) as bigint
        ) as day_parts,
    from told
    left join {{ ref('stg_declared__day_weights') }} as day_weights on told.day_kind = day_weights.day_kind
    where told.is_instructional
)
{%- endmacro %}
