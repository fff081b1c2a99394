-- Columns that name a figure beside its year, period, unit and group.
{% macro equity_place(alias='') -%}
    {%- set from = alias ~ '.' if alias else '' -%}
    {{ from }}measure_id, {{ from }}profile_id, {{ from }}period_kind, {{ from }}subject_id, {{ from }}estimator
{%- endmacro %}
