{#- The series whose year is forecast: everybody of each unit that is shown, and the groups that have a target.

    Columns: indicator_id, unit_type, unit_id, group_set_id, group_id, this_year, target, baseline; series_no is the
    number of the series. The year whose target is asked for is the argument, over the alias ``panel``. -#}
{% macro forecast_series(year) -%}
    select
        panel.*,
        cast(targets.target as double) as target,
        cast(targets.baseline as double) as baseline,
        cast(row_number() over (order by panel.indicator_id, panel.unit_id, panel.group_id) as integer) as series_no,
    from (
        select distinct
            indicator_id,
            unit_type,
            unit_id,
            group_set_id,
            group_id,
            school_year as this_year,
        from {{ ref('int_signals__panel') }}
        where is_current
    ) as panel
    left join {{ ref('fct_targets') }} as targets
        on
            panel.indicator_id = targets.indicator_id
            and panel.unit_id = targets.unit_id
            and panel.group_set_id = targets.group_set_id
            and panel.group_id = targets.group_id
            and {{ year }} = targets.school_year
    where panel.group_set_id = 'all' or targets.target is not null
{%- endmacro %}
