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
