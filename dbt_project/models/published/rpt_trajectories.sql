with

paths as (
    select * from {{ ref('fct_trajectories') }}
),

readers as (
    select * from {{ ref('int_audiences__readers') }}
),

hidden as (
    select distinct
        indicator_id,
        unit_id,
        group_set_id,
        group_id,
    from {{ ref('int_figures__shown') }}
    where is_suppressed and indicator_id is not null
),

units as (
    select
        indicator_id,
        period_kind,
        unit_id,
        any_value(value_unit) as value_unit,
    from {{ ref('int_figures__shown') }}
    where is_judged
    group by indicator_id, period_kind, unit_id
),

trajectories as (
    select
        readers.audience_id,
        readers.reader_unit_id,
        paths.indicator_id,
        paths.school_year,
        paths.unit_type,
        paths.unit_id,
        paths.group_set_id,
        paths.group_id,
        paths.on_date,
        paths.period_kind,
        paths.period_id,
        {{ shown_number('paths.expected', 'units.value_unit') }} as expected,
        {{ shown_number('paths.expected_low', 'units.value_unit') }} as expected_low,
        {{ shown_number('paths.expected_high', 'units.value_unit') }} as expected_high,
    from paths
    inner join units on paths.indicator_id = units.indicator_id and paths.unit_id = units.unit_id
    inner join readers on paths.unit_id = readers.unit_id and readers.is_told_figures
    anti join hidden
        on
            paths.indicator_id = hidden.indicator_id
            and paths.unit_id = hidden.unit_id
            and paths.group_set_id = hidden.group_set_id
            and paths.group_id = hidden.group_id
    -- two windows that close on one day, such as of two editions, lie on one line
    qualify
        row_number() over (
            partition by
                readers.audience_id, readers.reader_unit_id, paths.indicator_id, paths.unit_id, paths.group_set_id,
                paths.group_id, paths.on_date
            order by paths.period_id asc
        ) = 1
)

select * from trajectories
