-- Digest the key of a figure; figure_id writes the digest as letters. Equal to figure_id() of schemas/published.py.
{% macro figure_bits(alias) -%}
    {%- set columns = [] -%}
    {%- for column in published_figure_key() %}{% do columns.append(alias ~ '.' ~ column) %}{% endfor -%}
    cast('0x' || substr(sha256({{ columns | join(" || '|' || ") }}), 1, 15) as ubigint)
{%- endmacro %}

{% macro figure_id(bits) -%}
    'fig_'
    {%- for place in range(12) %}
    || substr('abcdefghijklmnopqrstuvwxyz234567', 1 + cast(({{ bits }} >> {{ 55 - 5 * place }}) & 31 as integer), 1)
    {%- endfor %}
{%- endmacro %}

-- Name a cell: a unit and a group of one population.
{% macro cell_id(alias) -%}
    concat_ws(
        '|', {{ alias }}.population_id, {{ alias }}.unit_type, {{ alias }}.unit_id, {{ alias }}.group_set_id,
        {{ alias }}.group_id
    )
{%- endmacro %}

-- Say as a table what each measure counts; a measure that is not in it is never published.
{% macro counted_as() -%}
    select *
    from (
        values
        {%- for measure, kind, is_shared, is_asked in published_counted_as() %}
        ('{{ measure }}', '{{ kind }}', {{ is_shared }}, {{ is_asked }}){{ '' if loop.last else ',' }}
        {%- endfor %}
    ) as counted (measure_id, counted_kind, is_shared, is_asked)
{%- endmacro %}

-- Round a number as its unit is published: half away from zero, nine digits after the point being exact.
{% macro shown_number(value, unit) -%}
    case {{ unit }}
        {%- for name, digits in published_decimals().items() %}
        when '{{ name }}' then cast(round(cast({{ value }} as decimal(18, 9)), {{ digits }}) as double)
        {%- endfor %}
    end
{%- endmacro %}

-- Write a number that shown_number gave: 63%, 3.42, 1,204, 12 days, a reliability of 0.82; as shown_text().
{% macro shown_text(number, unit) -%}
    case {{ unit }}
        {%- for name, digits in published_decimals().items() %}
        when '{{ name }}'
            then
                {%- if name == 'share' %}
                format('{:.0f}', 100 * {{ number }}) || '%'
                {%- else %}
                format('{:,.{{ digits }}f}', {{ number }})
                {%- if name == 'days' %}
                || case when {{ number }} = 1 then ' day' else ' days' end
                {%- endif %}
                {%- endif %}
        {%- endfor %}
    end
{%- endmacro %}

-- Write a share in tenths, as families are told it.
{% macro share_words(share) -%}
    case
        when {{ share }} < 0.05 then 'fewer than 1 in 10'
        when {{ share }} >= 0.95 then 'nearly all'
        else 'about ' || cast(round({{ share }} * 10) as integer) || ' in 10'
    end
{%- endmacro %}

-- Name a period in words.
{% macro period_label(alias, windows) -%}
    case {{ alias }}.period_kind
        when 'day' then strftime({{ alias }}.period_ends_on, '%B %-d, %Y')
        when 'week' then 'Week to ' || strftime({{ alias }}.period_ends_on, '%B %-d, %Y')
        when 'month' then strftime({{ alias }}.period_ends_on, '%B %Y')
        when 'term' then 'Term to ' || strftime({{ alias }}.period_ends_on, '%B %-d, %Y')
        when 'year_to_date' then 'Through ' || strftime({{ alias }}.period_ends_on, '%B %-d, %Y')
        when 'year' then {{ alias }}.year_label
        else coalesce({{ windows }}.label_en, {{ alias }}.period_id) || ', ' || {{ alias }}.year_label
    end
{%- endmacro %}

-- List the columns every published table of figures begins with, from a table that has them.
{% macro figure_block(alias, without=[]) -%}
    {{ alias }}.audience_id,
    {{ alias }}.reader_unit_id,
    {%- for column in published_figure() if column not in without %}
    {{ alias }}.{{ column }},
    {%- endfor %}
{%- endmacro %}
