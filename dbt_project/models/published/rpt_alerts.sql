with

-- found before each audience gets its copy, and of narrow rows
tested as (
    select figure_id
    from {{ ref('int_figures__shown') }}
    where (is_judged or is_tested) and is_current
    qualify
        row_number() over (
            partition by indicator_id, unit_id, group_set_id, group_id, is_judged, is_tested
            order by period_ends_on desc, period_id desc
        ) = 1
),

newest as (
    select * from {{ ref('int_figures__published') }}
    where figure_id in (select tested.figure_id from tested)
),

events as (
    select * from {{ ref('fct_alert_events') }}
    where is_newest and sentence is not null
),

indicators as (
    select * from {{ ref('dim_indicators') }}
),

alerts as (
    select
        {{ figure_block('figures') }}
        events.alert_id,
        events.episode,
        events.kind,
        indicators.indicator_label,
        events.since_on,
        case
            when events.kind = 'peer' then 'unusual among the schools in a term'
            when events.kind = 'sudden' then 'a single day far off the forty before it'
            when events.kind <> 'off_path' and figures.period_kind = 'window' then 'change of a wave'
            when events.kind <> 'off_path' then 'weighted average of its own level'
            when judged.judged_by = 'forecast' then 'the year unlikely to meet its target'
            when figures.period_kind in ('window', 'occasion') then 'one wave unlikely to meet its aim line'
            when figures.period_kind = 'term' then 'one term unlikely to meet its aim line'
            else 'two periods in a row unlikely to meet the aim line'
        end as rule,
        indicators.owner_label,
        indicators.next_step,
        events.to_state as state,
        events.sentence,
        events.phrases,
        case when events.kind = 'off_path' then judged.judged_by end as judged_by,
        case
            when events.kind = 'off_path' and judged.judged_by = 'forecast' and figures.shown_as = 'exact'
                then {{ shown_number('ahead.median', 'figures.value_unit') }}
        end as forecast_median,
    from newest as figures
    inner join events
        on
            figures.unit_id = events.unit_id
            and figures.indicator_id = events.indicator_id
            and figures.group_id = events.group_id
            and if(events.kind = 'off_path', figures.is_judged, figures.is_tested)
    inner join indicators on figures.indicator_id = indicators.indicator_id
    left join {{ ref('fct_indicator_status') }} as judged on figures.figure_id = judged.figure_id
    left join {{ ref('fct_forecasts') }} as ahead
        on
            figures.indicator_id = ahead.indicator_id
            and figures.unit_id = ahead.unit_id
            and figures.group_id = ahead.group_id
    where
        figures.shown_as not in ('suppressed', 'capped', 'words', 'band')
        and (figures.expected is not null or events.kind <> 'off_path')
)

select * from alerts
