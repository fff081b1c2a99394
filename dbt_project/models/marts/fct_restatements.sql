{{ config(materialized='view') }}
{%- set key = [
    'measure_id', 'profile_id', 'school_year', 'period_kind', 'period_id', 'unit_type', 'unit_id', 'group_set_id',
    'group_id', 'subject_id', 'estimator',
] %}
with

sealed as (
    select * from {{ source('landed', 'sealed_figures') }}
),

current_figures as (
    select * from {{ ref('fct_measures') }}
    where school_year in (select sealed.school_year from sealed)
),

fct_restatements as (
    select
        sealed.snapshot_id,
        sealed.sealed_on,
        {% for column in key -%}
            sealed.{{ column }},
        {% endfor -%}
        sealed.numerator as old_numerator,
        sealed.denominator as old_denominator,
        sealed.value as old_value,
        current_figures.numerator as new_numerator,
        current_figures.denominator as new_denominator,
        current_figures.value as new_value,
        coalesce(current_figures.numerator, 0) - coalesce(sealed.numerator, 0) as numerator_change,
        coalesce(current_figures.denominator, 0) - coalesce(sealed.denominator, 0) as denominator_change,
        current_figures.value - sealed.value as value_change,
        coalesce(current_figures.definition_version <> sealed.definition_version, true) as is_of_other_definition,
    from sealed
    left join current_figures using ({{ key | join(', ') }})
    where
        sealed.numerator is distinct from current_figures.numerator
        or sealed.denominator is distinct from current_figures.denominator
        or (sealed.numerator is null and sealed.value is distinct from current_figures.value)
)

select * from fct_restatements
