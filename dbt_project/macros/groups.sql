-- Select, as the CTEs students, attributes, years and held, what each student of the CTE spans was said to be in a year.
{% macro held_values(touched) -%}
students as (
    select distinct
        student_key,
        school_year,
    from spans
),

attributes as (
    select
        student_key,
        attribute,
        value,
        valid_from,
        least(valid_to, lead(valid_from - 1) over (partition by student_key, attribute order by valid_from))
            as valid_to,
    from {{ ref('stg_landed__student_attributes') }}
    where student_key in (select students.student_key from students)
),

years as (
    select
        school_year,
        min(on_date) as first_on,
        max(on_date) as last_on,
    from {{ ref('int_calendar__dates') }}
    where school_year in (select touched.school_year from {{ touched }} as touched)
    group by school_year
),

held as (
    select
        student_key,
        school_year,
        'grade' as attribute,
        grade as value,
        entered_on as valid_from,
        cast(null as date) as valid_to,
    from spans
    union all
    select
        attributes.student_key,
        years.school_year,
        attributes.attribute,
        attributes.value,
        attributes.valid_from,
        attributes.valid_to,
    from attributes
    inner join years
        on
            attributes.valid_from <= years.last_on
            and (attributes.valid_to is null or attributes.valid_to >= years.first_on)
),
{%- endmacro %}

-- Write the groups of each of many people as one text, in the order of their sets; null for who is in none. A list that
-- is sorted costs a tenth of a text that is put together in order.
{% macro written_groups(group_set, group) -%}
    array_to_string(
            list_transform(
                list_sort(list({'told_set': {{ group_set }}, 'told': {{ group }}}) filter ({{ group_set }} is not null)),
                lambda each: each.told_set || '=' || each.told
            ), ','
        )
{%- endmacro %}
