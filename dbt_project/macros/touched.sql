-- Remove the touched parts of a table that is made by parts.
{% macro clear_touched(target, stale, parts) -%}
    delete from {{ target }} where {{ is_touched(stale, parts) }}
{%- endmacro %}

-- Say whether a row belongs to a touched part.
{% macro is_touched(stale, parts) -%}
    {%- set columns = parts | join(', ') -%}
    ({{ columns }}) in (select ({{ columns }}) from {{ this.include(database=false).incorporate(path={'identifier': stale}) }})
{%- endmacro %}
