-- Fold a text so that spellings that differ in blanks and case alone are equal.
{% macro folded(text) -%}
    lower(trim(regexp_replace({{ text }}, '\s+', ' ', 'g')))
{%- endmacro %}

-- Read years written as a text, "2026,2027", as a list.
{% macro years_of(text) -%}
    [cast(part as integer) for part in string_split(nullif({{ text }}, ''), ',')]
{%- endmacro %}
