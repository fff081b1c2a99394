{#
How models become tables. dbt's own materializations make a second table and rename twice, which costs more than most of
our queries; DuckDB replaces a table in one statement and takes it back with the transaction. The checks of a table run
before the transaction ends, so a table that breaks one is never seen: the rows of the last good build stay.
#}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.include(database=false) -%}
    {% call statement('main') -%}
        create or replace view {{ target }} as ({{ sql }})
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}

{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target = this.include(database=false) -%}
    {%- set body = compiled_code -%}
    {% if model['language'] == 'python' %}
        {%- set made = target.incorporate(path={'identifier': this.identifier ~ '__made'}) -%}
        {% call statement('clear') %}drop table if exists {{ made }}{% endcall %}
        {% do adapter.commit() %}
        {% call statement('made', language='python') -%}
            {{ py_write_table(temporary=false, relation=made, compiled_code=compiled_code) }}
        {%- endcall %}
        {%- set body = 'select * from ' ~ made -%}
    {% elif config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
    {% endif %}
    {% call statement('main') -%}
        create or replace table {{ target }} as ({{ body }})
    {%- endcall %}
    {{ hold_checks(target) }}
    {% if model['language'] == 'python' %}
        {% call statement('clear') %}drop table {{ made }}{% endcall %}
    {% endif %}
    {% do adapter.commit() %}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{#
A table of parts (days, weeks, years), of which a night makes only the touched ones anew (aimline/transform/nights.py). `stale`
names the model whose rows are the touched parts, `parts` the columns that name a part. The model selects the rows of
those parts and no others, so a part that has become empty loses its rows. dbt itself makes all parts: in a new database
every part is touched. With `compared=false` a night takes touched parts for changed ones: of millions of rows, looking
whether they are would cost as much as making them.
#}
{% materialization by_part, adapter='duckdb' %}
    {%- set target = this.include(database=false) -%}
    {%- do config.require('stale') -%}
    {%- do config.require('parts') -%}
    {% call statement('main') -%}
        create or replace table {{ target }} as ({{ sql }})
    {%- endcall %}
    {{ hold_checks(target) }}
    {% do adapter.commit() %}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}
