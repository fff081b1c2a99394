-- Write the rows of one kind of plan entry: the columns it has, and null for the rest.
{% macro plan_entries(kind, relation, given) -%}
    {%- set columns = {
        'plan_id': 'varchar', 'plan_no': 'integer', 'goal_id': 'varchar', 'strategy_id': 'varchar',
        'plan_text': 'varchar', 'owner_label': 'varchar', 'starts_on': 'date', 'due_on': 'date', 'done_on': 'date',
        'indicator_id': 'varchar', 'baseline': 'double', 'target': 'double', 'target_on': 'date', 'status': 'varchar',
        'certainty': 'varchar', 'implementation_status': 'varchar', 'cost_amount': 'double', 'cost_note': 'varchar',
        'state': 'varchar',
    } -%}
    select
        school_year,
        '{{ kind }}' as kind,
        {%- for column, type in columns.items() %}
        cast({{ 'owner_label' if column == 'owner_label' else given.get(column, 'null') }} as {{ type }}) as {{ column }},
        {%- endfor %}
    from {{ relation }}
{%- endmacro %}
