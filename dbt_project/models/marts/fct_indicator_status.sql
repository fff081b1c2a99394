with

panel as (
    select * from {{ ref('int_signals__panel') }}
    qualify
        row_number() over (
            partition by indicator_id, unit_id, group_set_id, group_id
            order by period_on desc, definition_year desc, period_id desc
        ) = 1
),

fct_indicator_status as (
    select
        panel.indicator_id,
        panel.unit_type,
        panel.unit_id,
        panel.group_set_id,
        panel.group_id,
        panel.figure_id,
        panel.period_on,
        panel.value,
        panel.expected,
        panel.baseline,
        coalesce(judged.status, 'cannot tell') as status,
        case when judged.figure_id is null then 'not_yet' else judged.reason end as reason,
        coalesce(judged.certainty, 'cannot tell') as certainty,
        judged.p_meet,
        judged.interval_low,
        judged.interval_high,
        judged.shortfall,
        judged.judged_by,
    from panel
    left join {{ ref('fct_judged_figures') }} as judged on panel.figure_id = judged.figure_id
)

select * from fct_indicator_status
