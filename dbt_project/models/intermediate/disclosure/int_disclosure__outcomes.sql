{% set cell = ['unit_type', 'unit_id', 'group_set_id', 'group_id'] %}
with

figures as (
    select * from {{ ref('int_figures__printed') }}
    where counted_kind = 'persons'
),

measures as (
    select * from {{ ref('int_figures__measured') }}
),

outcomes as (
    select
        figures.population_id,
        figures.measure_id,
        concat_ws(
            '|',
            {%- for column in published_figure_key() if column not in cell %}
                figures.{{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as layer,
        figures.cell_id,
        {%- for column in cell %}
            figures.{{ column }},
        {%- endfor %}
        figures.value_unit,
        figures.value,
        cast(measures.numerator as double) as numerator,
        cast(measures.denominator as double) as denominator,
        measures.n_people,
    from figures
    inner join measures
        using (
            {%- for column in published_figure_key() %}
                {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        )
)

select * from outcomes
