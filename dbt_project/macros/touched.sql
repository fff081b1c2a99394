-- Remove the touched parts of a table that is made by parts.
{% macro clear_touched(target, stale, parts) -%}
    delete from {{ target }} where {{ is_touched(stale, parts) }}
{%- endmacro %}

-- Say whether a row belongs to a touched part.
{% macro is_touched(stale, parts) -%}
    {%- set columns = parts | join(', ') -%}
    ({{ columns }}) in (select ({{ columns }}) from {{ this.include(database=false).incorporate(path={'identifier': stale}) }})
{%- endmacro %}

-- Say of rows of now and of the last finished build, grouped by content, that only one of the two has them.
{% macro is_on_one_side(flag='is_current') -%}
    bool_or({{ flag }}) = bool_and({{ flag }})
{%- endmacro %}

-- Select the rows that only one of two tables has.
{% macro differing(now, before, columns) -%}
    select {{ columns }}
    from (
        select {{ columns }}, true as is_current from {{ now }}
        union all
        select {{ columns }}, false as is_current from {{ before }}
    )
    group by {{ columns }}
    having {{ is_on_one_side() }}
{%- endmacro %}
