{#
Write the columns of the standard measure row, in order and typed. A measure gives what it has; the rest is null, or the
value that means "nothing to tell". Unless it is given, the value is numerator / denominator of the rows selected from,
null where their quality_state is withheld: rows must have these three columns.
#}
{% macro standard_row(given) -%}
    {%- set columns = {
        'measure_id': 'varchar', 'profile_id': 'varchar', 'definition_version': 'varchar', 'school_year': 'integer',
        'period_kind': 'varchar', 'period_id': 'varchar', 'period_starts_on': 'date', 'period_ends_on': 'date',
        'unit_type': 'varchar', 'unit_id': 'varchar', 'group_set_id': 'varchar', 'group_id': 'varchar',
        'subject_id': 'varchar', 'estimator': 'varchar', 'numerator': 'decimal(38, 9)',
        'denominator': 'decimal(38, 9)', 'value': 'double', 'value_unit': 'varchar', 'n_people': 'bigint',
        'n_observations': 'bigint', 'n_eligible': 'bigint', 'n_unmeasured': 'bigint', 'se': 'double',
        'interval_low': 'double', 'interval_high': 'double', 'interval_method': 'varchar', 'n_effective': 'double',
        'reliability': 'double', 'completeness': 'double', 'quality_state': 'varchar', 'hold_reason': 'varchar',
        'is_duplicated': 'boolean', 'population_id': 'varchar',
    } -%}
    {%- set nothing = {
        'profile_id': "'default'", 'definition_version': "''", 'group_set_id': "'all'", 'group_id': "'all'",
        'subject_id': "''", 'estimator': "''", 'quality_state': "'ok'", 'is_duplicated': 'false',
        'value': "case when quality_state <> 'withheld' then cast(numerator / nullif(denominator, 0) as double) end",
    } -%}
    {%- for column, kind in columns.items() %}
    cast({{ given.get(column, nothing.get(column, 'null')) }} as {{ kind }}) as {{ column }},
    {%- endfor %}
{%- endmacro %}
