-- Categories of marks that may count as absence, each with a column of parts; every other category is presence.
{% macro absence_categories() -%}
    {% do return(['excused', 'unexcused', 'suspended_out', 'suspended_in', 'independent_not_counted']) %}
{%- endmacro %}

-- Type of the states of a member day: a text for each of millions of days would cost more than all else of them.
{% macro day_states() -%}
    enum('present', 'partial', 'absent', 'not_submitted', 'not_yet')
{%- endmacro %}

-- Take a share of whole parts, rounded half up, in integers.
{% macro whole_share(parts, numerator, denominator) -%}
    cast((2 * cast({{ parts }} as bigint) * {{ numerator }} + {{ denominator }}) // (2 * {{ denominator }}) as bigint)
{%- endmacro %}

-- Select the school days inside memberships for which a condition holds.
{% macro days_inside(condition) -%}
    select
        school_days.school_year,
        school_days.on_date,
        school_days.school_id,
        school_days.unmeasured_as,
        school_days.is_submitted,
        school_days.is_positive,
        spans.stay_no,
        spans.student_no,
        spans.is_primary,
        spans.entered_on,
        spans.tie_no,
        spans.enrollment_id,
        cast(
            case
                when spans.attends_weekdays is null
                    then (school_days.day_parts * cast(spans.fte * 1000 as bigint) + 500) // 1000
                else school_days.day_parts
            end as integer
        ) as member_parts,
    from school_days
    inner join spans
        on
            school_days.school_id = spans.school_id
            and school_days.calendar_id = spans.calendar_id
            and school_days.grade = spans.grade
            and school_days.school_year = spans.school_year
            and school_days.on_date between spans.entered_on and spans.last_on
    where
        {{ condition }}
        and (
            spans.attends_weekdays is null
            or list_contains(string_split(spans.attends_weekdays, ','), lower(strftime(school_days.on_date, '%a')))
        )
{%- endmacro %}

-- Add up the marks of the first categories, or of all, cut at a number of parts; null where there is no mark.
{% macro parts_up_to(most, n_categories=none) -%}
    {%- set added = [] -%}
    {%- for category in absence_categories()[:n_categories] %}{% do added.append('marks.' ~ category ~ '_parts') %}{% endfor -%}
    cast(least({{ added | join(' + ') }}, {{ most }}) as integer)
{%- endmacro %}

-- Say whether a member's day is known: sent, and where marks are positive, marked.
{% macro is_measured() -%}
    (days.is_submitted and (marks.student_no is not null or not days.is_positive))
{%- endmacro %}

-- Cut the parts of one category so that it and those before it fit the member's day.
{% macro cut_parts(category) -%}
    {%- set place = absence_categories().index(category) -%}
    case
        when {{ is_measured() }}
            then
                case
                    when marks.student_no is null then 0
                    else
                        {{ parts_up_to('days.member_parts', place + 1) }}
                        {%- if place %} - {{ parts_up_to('days.member_parts', place) }}{% endif %}
                end
    end
{%- endmacro %}

-- Add up the parts that one side of a pair of ways to read a day counts.
{% macro counted_parts(side) -%}
    {%- for category in absence_categories() -%}
        {{ ' + ' if not loop.first }}case when counts_{{ category }}_{{ side }} then {{ category }}_parts else 0 end
    {%- endfor -%}
{%- endmacro %}

-- Put two sums of a year side by side in one number, of which one running sum is made instead of two: each is below
-- 2 ** 31, which is more than 30,000 school days.
{% macro packed(high, low) -%}
    cast({{ high }} as bigint) * 2147483648 + {{ low }}
{%- endmacro %}

{% macro unpacked(both, high, low) -%}
    {{ both }} // 2147483648 as {{ high }},
    {{ both }} % 2147483648 as {{ low }},
{%- endmacro %}

-- The kept sums as they are packed.
{% macro packed_sums() -%}
    {% do return({
        'days': ('n_member_days', 'n_unmeasured_days'),
        'parts': ('member_parts', 'measured_parts'),
        'absences': ('absent_parts_0', 'absent_parts_1'),
    }) %}
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

-- The same as they are kept: two ways to read a day stand side by side, so that most districts have one row, not two.
{% macro kept_sums() -%}
    {% do return(student_sums()[:-1] + ['absent_parts_0', 'absent_parts_1']) %}
{%- endmacro %}

-- Tiers of days missed, from the least.
{% macro absence_tiers() -%}
    {% do return(['satisfactory', 'at_risk', 'moderate', 'severe']) %}
{%- endmacro %}

-- Say how many parts of a day a mark tells of: by fraction, periods or minutes, else the whole day.
{% macro mark_parts(alias='') -%}
    {%- set from = alias ~ '.' if alias else '' -%}
    case
        when {{ from }}absence_fraction is not null
            then cast(round({{ var('day_parts') }} * {{ from }}absence_fraction) as bigint)
        when {{ from }}periods_scheduled > 0
            then {{ whole_share(var('day_parts'), from ~ 'periods_absent', from ~ 'periods_scheduled') }}
        when {{ from }}minutes_scheduled > 0
            then {{ whole_share(var('day_parts'), from ~ 'minutes_absent', from ~ 'minutes_scheduled') }}
        else {{ var('day_parts') }}
    end
{%- endmacro %}
