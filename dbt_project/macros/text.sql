-- Fold a text so that spellings that differ in blanks and case alone are equal.
{% macro folded(text) -%}
    lower(trim(regexp_replace({{ text }}, '\s+', ' ', 'g')))
{%- endmacro %}
