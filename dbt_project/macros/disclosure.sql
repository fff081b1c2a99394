-- Digest what a release tells of a student behind its figures: who it is, where, and in which groups.
{% macro mark_of_student(student_no, school_id, is_whole, groups) -%}
    md5_number_lower(concat_ws('|', {{ student_no }}, {{ school_id }}, {{ is_whole }}, {{ groups }}))
{%- endmacro %}

{#
Select, as the CTE people, the rows of the CTE behind with the school and the groups of each student: `''` is the
district, and groups are those of the period's last day. Behind has student_no, unit_no, school_year, period_ends_on.
#}
{% macro placed_people() -%}
people as (
    select
        behind.* exclude (unit_no, period_ends_on),
        coalesce(units.unit_id, '') as school_id,
        coalesce(earlier.combination, combinations.combination) as groups,
    from behind
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on behind.student_no = combinations.student_no and behind.school_year = combinations.school_year
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            behind.student_no = earlier.student_no
            and behind.school_year = earlier.school_year
            and behind.period_ends_on = earlier.ends_on
    left join {{ ref('int_attendance__units') }} as units
        on behind.unit_no = units.unit_no and units.unit_type = 'school'
)
{%- endmacro %}

-- Say of a row of int_calendar__periods or of touched periods whose people a release may be compared by: a year, or a
-- shorter period of the newest year. A year to date is another figure every day.
{% macro is_compared(period) -%}
    {{ period }}.period_kind <> 'year_to_date'
        and (
            {{ period }}.period_kind = 'year'
            or {{ period }}.school_year = (
                select max(newest.school_year) from {{ ref('int_calendar__dates') }} as newest
            )
        )
{%- endmacro %}

-- Count the rows of the students behind a figure and add up their marks: who is whole in a school is in the district too.
{% macro summed_marks() -%}
    count(*) + count(*) filter (is_whole) as n_rows,
        sum(cast(row_mark as hugeint) * if(is_whole, 2, 1)) as mark,
{%- endmacro %}

-- Select, as the CTE survey_layers, the rows of the CTEs listed (of those asked; with is_out and is_usable) and scored
-- (of those who answered a scale) once for every figure that counts them.
{% macro survey_layers() -%}
survey_layers as (
    select
        'response_rate' as measure_id,
        estimators.estimator,
        listed.* exclude (is_out, is_usable),
    from listed
    cross join (select unnest(['gross', 'net', 'eligible', 'usable']) as estimator) as estimators
    where
        case estimators.estimator
            when 'net' then not listed.is_out
            when 'usable' then listed.is_usable
            else true
        end
    union all by name
    select
        told.measure_id,
        told.estimator,
        scored.*,
    from scored
    cross join (
        select
            unnest(['scale_mean', 'percent_favorable', 'percent_favorable', 'percent_favorable']) as measure_id,
            unnest(['', 'pooled', 'person_mean', 'item_mean']) as estimator,
    ) as told
)
{%- endmacro %}
