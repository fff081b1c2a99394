{#
The checks of a table, packed into one query. A model declares them in its YAML:

    config:
      meta:
        checks:
          key: [school_id, on_date]                   # no two rows with one key
          not_null: [n_people]
          values: {status: [reported, closed]}        # null passes; say not_null if it must not
          holds: {"parts fit the day": "absent_parts <= member_parts"}

The query raises an error that names every broken rule with its count, and no value of a row.
#}
{% macro hold_checks(target, stale=none, parts=none) -%}
    {%- set checks = config.get('meta', {}).get('checks', {}) -%}
    {%- set rules = [] -%}
    {%- if checks.get('key') -%}
        {%- set key = checks['key'] | join(', ') -%}
        {%- set touched = ' where ' ~ is_touched(stale, parts) if stale and not flags.FULL_REFRESH else '' -%}
        {%- set kept = '(select count(*) from (select distinct ' ~ key ~ ' from ' ~ target ~ touched ~ '))' -%}
        {%- do rules.append(('key ' ~ key, 'count(*) - ' ~ kept)) -%}
    {%- endif -%}
    {%- for column in checks.get('not_null', []) -%}
        {%- do rules.append(('not null ' ~ column, 'count(*) filter (' ~ column ~ ' is null)')) -%}
    {%- endfor -%}
    {%- for column, allowed in checks.get('values', {}).items() -%}
        {%- set listed = "'" ~ allowed | join("', '") ~ "'" -%}
        {%- do rules.append(('values of ' ~ column, 'count(*) filter (' ~ column ~ ' not in (' ~ listed ~ '))')) -%}
    {%- endfor -%}
    {%- for rule, condition in checks.get('holds', {}).items() -%}
        {%- do rules.append((rule, 'count(*) filter (not (' ~ condition ~ '))')) -%}
    {%- endfor -%}
    {%- if rules -%}
        {% call statement('checks') -%}
            select case when len(broken) > 0 then error('checks: ' || array_to_string(broken, '; ')) end
            from (
                select list_filter([
                    {%- for rule, _ in rules %}
                    case when n_{{ loop.index }} > 0 then '{{ rule }}: ' || n_{{ loop.index }} || ' rows' end,
                    {%- endfor %}
                ], lambda told: told is not null) as broken
                from (
                    select
                        {%- for _, count in rules %}
                        {{ count }} as n_{{ loop.index }},
                        {%- endfor %}
                    from {{ target }}
                    {%- if stale and not flags.FULL_REFRESH %}
                    where {{ is_touched(stale, parts) }}
                    {%- endif %}
                )
            )
        {%- endcall %}
    {%- endif -%}
{%- endmacro %}
