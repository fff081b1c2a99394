{#
The checks of a table, packed into one query. A model declares them in its YAML:

    config:
      meta:
        checks:
          key: [school_id, on_date]                   # no two rows with one key
          not_null: [n_people]
          values: {status: [reported, closed]}        # null passes; say not_null if it must not
          holds: {"parts fit the day": "absent_parts <= member_parts"}

The query tells every broken rule with its count, and no value of a row; null when all hold. A build from nothing runs
it after a table is made and before its transaction ends. A night first asks over the new rows whether any rule is
broken at all (aimline/transform/nights.py): of small tables, counting by rule takes longer than making them.
#}
{% macro broken_rows(checks) -%}
    {%- set rules = [] -%}
    {%- for column in checks.get('not_null', []) -%}
        {%- do rules.append(('not null ' ~ column, column ~ ' is null')) -%}
    {%- endfor -%}
    {%- for column, allowed in checks.get('values', {}).items() -%}
        {%- set listed = "'" ~ allowed | join("', '") ~ "'" -%}
        {%- do rules.append(('values of ' ~ column, column ~ ' not in (' ~ listed ~ ')')) -%}
    {%- endfor -%}
    {%- for rule, condition in checks.get('holds', {}).items() -%}
        {%- do rules.append((rule, 'not (' ~ condition ~ ')')) -%}
    {%- endfor -%}
    {%- do return(rules) -%}
{%- endmacro %}

{% macro check_query(target, checks) -%}
    {%- set rules = [] -%}
    {%- if checks.get('key') -%}
        {%- set key = checks['key'] | join(', ') -%}
        {%- set kept = '(select count(*) from (select distinct ' ~ key ~ ' from ' ~ target ~ '))' -%}
        {%- do rules.append(('key ' ~ key, 'count(*) - ' ~ kept)) -%}
    {%- endif -%}
    {%- for rule, condition in broken_rows(checks) -%}
        {%- do rules.append((rule, 'count(*) filter (' ~ condition ~ ')')) -%}
    {%- endfor -%}
    {%- if rules -%}
        select nullif(array_to_string(list_filter([
            {%- for rule, _ in rules %}
            case when n_{{ loop.index }} > 0 then '{{ rule }}: ' || n_{{ loop.index }} || ' rows' end,
            {%- endfor %}
        ], lambda told: told is not null), '; '), '') as broken
        from (
            select
                {%- for _, count in rules %}
                {{ count }} as n_{{ loop.index }},
                {%- endfor %}
            from {{ target }}
        )
    {%- endif -%}
{%- endmacro %}

-- Write the query that gives a row where any rule is broken. Keys are told apart by their hash, as texts of millions of
-- rows would cost more than the rows: two keys of one hash give a row too, and then the query above says what is broken.
{% macro breach_query(target, checks) -%}
    {%- set sought = [] -%}
    {%- set rules = broken_rows(checks) -%}
    {%- if rules -%}
        {%- do sought.append(target ~ ' where (' ~ rules | map(attribute=1) | join(') or (') ~ ')') -%}
    {%- endif -%}
    {%- if checks.get('key') -%}
        {%- set mark = 'hash(' ~ checks['key'] | join(', ') ~ ')' -%}
        {%- do sought.append(target ~ ' having count(*) > count(distinct ' ~ mark ~ ')') -%}
    {%- endif -%}
    {%- if sought -%}
        select 1 as one from {{ sought | join(' union all select 1 as one from ') }} limit 1
    {%- endif -%}
{%- endmacro %}

{% macro hold_checks(target) -%}
    {%- set query = check_query(target, config.get('meta', {}).get('checks', {})) -%}
    {%- if query | trim -%}
        {% call statement('checks') -%}
            select case when broken is not null then error('checks: ' || broken) end from ({{ query }})
        {%- endcall %}
    {%- endif -%}
{%- endmacro %}

-- Write the checks of every model over one table, as JSON: the part of a night's plan that is not a model's own query.
{% macro check_queries(target) -%}
    {%- set queries = {} -%}
    {%- for node in graph.nodes.values() if node.resource_type == 'model' -%}
        {%- set checks = node.config.meta.get('checks', {}) -%}
        {%- do queries.update({node.name: [check_query(target, checks) | trim, breach_query(target, checks) | trim]}) -%}
    {%- endfor -%}
    {{ tojson(queries) }}
{%- endmacro %}
