-- Categories of marks that may count as absence, each with a column of parts; every other category is presence.
{% macro absence_categories() -%}
    {% do return(['excused', 'unexcused', 'suspended_out', 'suspended_in', 'independent_not_counted']) %}
{%- endmacro %}

-- Take a share of whole parts, rounded half up, in integers.
{% macro whole_share(parts, numerator, denominator) -%}
    cast((2 * cast({{ parts }} as bigint) * {{ numerator }} + {{ denominator }}) // (2 * {{ denominator }}) as bigint)
{%- endmacro %}

-- Cut the parts of one category so that it and those before it fit the member's day.
{% macro cut_parts(category) -%}
    {%- set before = [] -%}
    {%- for other in absence_categories() if absence_categories().index(other) < absence_categories().index(category) -%}
        {%- do before.append('coalesce(marks.' ~ other ~ '_parts, 0)') -%}
    {%- endfor -%}
    case
        when days.submission_state = 'submitted'
            then
                cast(
                    least(
                        coalesce(marks.{{ category }}_parts, 0),
                        greatest(days.member_parts - ({{ before | join(' + ') or '0' }}), 0)
                    ) as integer
                )
    end
{%- endmacro %}

-- Name how a day is read: the categories that count, and what a part of a day is worth.
{% macro basis_id(alias='') -%}
    {%- set from = alias ~ '.' if alias else '' -%}
    {{ from }}counts || ' ' || {{ from }}partial_day
{%- endmacro %}

-- Say whether a figure of attendance may be reported: measured of expected against the declared gate.
{% macro quality_state(measured, expected) -%}
    case
        when
            {{ measured }} * district.period_gate_denominator < district.period_gate_numerator * {{ expected }}
            or {{ measured }} = 0 then 'withheld'
        else 'ok'
    end
{%- endmacro %}

{% macro hold_reason() -%}
    case when quality_state = 'withheld' then 'incomplete_submission' end
{%- endmacro %}

-- What is added up of a student: days and day parts.
{% macro student_sums() -%}
    {% do return(['n_member_days', 'n_unmeasured_days', 'member_parts', 'measured_parts', 'absent_parts']) %}
{%- endmacro %}
