-- Say of rows of now and of the last finished build, grouped by content, that only one of the two has them.
{% macro is_on_one_side(flag='is_current') -%}
    bool_or({{ flag }}) = bool_and({{ flag }})
{%- endmacro %}

-- Digest some columns of the rows of a group, in any order.
{% macro content_of(columns) -%}
    count(*) || ' ' || sum(cast(md5_number_lower(cast(row({{ columns }}) as varchar)) as hugeint))
{%- endmacro %}

-- Name the rows of one delivery in a group: which of them count may change, what they say never does.
{% macro rows_of_batch() -%}
    concat_ws(' ', batch_id, count(*), sum(row_no), bit_xor(hash(row_no)))
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

-- Select the rows of a table that lie on the days of a relation.
{% macro on_days_of(table, touched) -%}
    select * from {{ table }}
    where (school_year, on_date) in (select (touched.school_year, touched.on_date) from {{ touched }} as touched)
{%- endmacro %}
