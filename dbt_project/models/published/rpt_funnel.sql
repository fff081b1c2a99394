with

figures as (
    select * from {{ ref('int_figures__published') }}
    where period_kind = 'term' and unit_type = 'school' and group_set_id = 'all' and indicator_id is not null
),

compared as (
    select
        funnel.*,
        terms.period_id,
    from {{ ref('fct_funnel') }} as funnel
    inner join {{ ref('int_calendar__terms') }} as terms on funnel.period_on = terms.last_on
    where funnel.group_id = 'all'
),

-- a school that is not shown keeps its row, and has no place among the others
funnel as (
    select
        {{ figure_block('figures') }}
        {%- for column, number in {
            'center': shown_number('compared.target', 'figures.value_unit'),
            'limit_low': shown_number('compared.od99lcl', 'figures.value_unit'),
            'limit_high': shown_number('compared.od99ucl', 'figures.value_unit'),
            'verdict': "case when compared.is_wide then 'schools differ widely'"
            ~ " when compared.selected and compared.outlier = 1 then 'unusual' else 'as others' end",
            'is_trim_dependent': 'compared.is_trim_dependent',
        }.items() %}
            case when figures.shown_as = 'exact' and compared.unit_id is not null then {{ number }} end as {{ column }},
        {%- endfor %}
        max(figures.period_ends_on) over (
            partition by figures.audience_id, figures.reader_unit_id, figures.indicator_id
        ) = figures.period_ends_on as is_newest,
    from figures
    left join compared
        on
            figures.indicator_id = compared.indicator_id
            and figures.unit_id = compared.unit_id
            and figures.period_id = compared.period_id
    where
        (figures.indicator_id, figures.period_id)
        in (select (told.indicator_id, told.period_id) from compared as told)
)

select * from funnel
