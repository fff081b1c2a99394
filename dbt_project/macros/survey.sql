-- Reliability of a school's mean: how much of what sets schools apart is more than chance, given its respondents.
{% macro school_mean_reliability() -%}
    case
        when unit_type = 'school' and group_id = 'all'
            then n_people * school_icc / (1 + (n_people - 1) * school_icc)
    end
{%- endmacro %}

-- The people asked in one window of one year.
{% macro survey_population() -%}
    'survey:' || window_id || ':' || school_year
{%- endmacro %}

-- Least common multiple of 1 to n, for scales of up to 30 items; sums of squares of more would not fit a number.
{% macro lcm_up_to(n) -%}
    cast([
        1, 2, 6, 12, 60, 60, 420, 840, 2520, 2520, 27720, 27720, 360360, 360360, 360360, 720720, 12252240,
        12252240, 232792560, 232792560, 232792560, 232792560, 5354228880, 5354228880, 26771144400, 26771144400,
        80313433200, 80313433200, 2329089562800, 2329089562800
    ][{{ n }}] as bigint)
{%- endmacro %}

-- The stage of school a grade belongs to.
{% macro grade_band(grade) -%}
    case
        when {{ grade }} in ('PK', 'K', '1', '2', '3', '4', '5') then 'elementary'
        when {{ grade }} in ('6', '7', '8') then 'middle'
        when {{ grade }} in ('9', '10', '11', '12') then 'high'
        else ''
    end
{%- endmacro %}
