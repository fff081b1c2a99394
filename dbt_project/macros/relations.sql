-- Names without the database: a finished file takes another name (asof/<day>.duckdb), and its views must still hold.
{% macro ref(name, v=none) %}
    {% do return(builtins.ref(name, v=v).include(database=false)) %}
{% endmacro %}

{% macro source(source_name, table_name) %}
    {% do return(builtins.source(source_name, table_name).include(database=false)) %}
{% endmacro %}

-- One schema for all layers: the layer is in the model's name.
{% macro generate_schema_name(custom_schema_name, node) %}
    {% do return('main') %}
{% endmacro %}
