with

-- found before each audience gets its copy, and of narrow rows
newest as (
    select figure_id
    from {{ ref('int_figures__shown') }}
    where is_judged
    qualify
        row_number() over (
            partition by indicator_id, unit_id, group_set_id, group_id
            order by period_ends_on desc, definition_year desc, period_id desc
        ) = 1
),

figures as (
    select * from {{ ref('int_figures__published') }}
    where figure_id in (select newest.figure_id from newest)
),

indicators as (
    select * from {{ ref('dim_indicators') }}
),

indicator_status as (
    select
        {{ figure_block('figures', without=['status', 'certainty']) }}
        indicators.indicator_label,
        indicators.indicator_kind,
        cast(indicators.indicator_no as integer) as indicator_no,
        indicators.direction,
        indicators.owner_label,
        coalesce(judged.status, 'cannot tell') as status,
        case when not figures.is_suppressed then judged.certainty end as certainty,
        case
            when not figures.is_suppressed and judged.judged_by = 'forecast' then ahead.chance
            when not figures.is_suppressed then judged.p_meet
        end as p_meet,
        case when not figures.is_suppressed then judged.reason end as status_reason,
        case
            when not figures.is_suppressed
                then {{ shown_number('judged.baseline', 'figures.value_unit') }}
        end as baseline,
        {%- for column in ['lo80', 'median', 'hi80'] %}
            case when figures.shown_as = 'exact' then {{ shown_number('ahead.' ~ column, 'figures.value_unit') }} end
                as forecast_{{ { 'lo80': 'low', 'hi80': 'high' }.get(column, column) }},
        {%- endfor %}
        case when figures.shown_as = 'exact' then ahead.chance end as forecast_chance,
        case when not figures.is_suppressed then judged.judged_by end as judged_by,
    from figures
    inner join indicators on figures.indicator_id = indicators.indicator_id
    left join {{ ref('fct_indicator_status') }} as judged on figures.figure_id = judged.figure_id
    left join {{ ref('fct_forecasts') }} as ahead
        on
            figures.indicator_id = ahead.indicator_id
            and figures.unit_id = ahead.unit_id
            and figures.group_id = ahead.group_id
            and figures.school_year = ahead.school_year
)

select * from indicator_status
