with

figures as (
    select * from {{ ref('int_figures__published') }}
    where measure_id = 'rubric_profile' and is_current
),

windows as (
    select * from {{ ref('stg_declared__windows') }}
),

items as (
    select * from {{ ref('stg_declared__items') }}
),

agreed as (
    select
        consensus.window_id,
        consensus.school_year,
        consensus.school_id,
        consensus.item_id,
        consensus.consensus || ': ' || levels.label_en as level_text,
    from {{ ref('int_rubric__consensus') }} as consensus
    inner join {{ ref('int_rubric__levels') }} as levels
        on
            consensus.instrument_id = levels.instrument_id
            and consensus.edition = levels.edition
            and consensus.consensus = levels.level
),

rubric as (
    select
        {{ figure_block('figures') }}
        windows.window_id,
        windows.instrument_id,
        windows.edition,
        items.text_en as item_label,
        case
            when figures.is_suppressed then null
            when figures.unit_type = 'school' then agreed.level_text
            else figures.value_text || ' of schools in place'
        end as level_text,
    from figures
    inner join windows on figures.period_id = windows.window_id and figures.school_year = windows.school_year
    inner join items
        on
            windows.instrument_id = items.instrument_id
            and windows.edition = items.edition
            and figures.subject_id = items.item_id
    left join agreed
        on
            figures.period_id = agreed.window_id
            and figures.school_year = agreed.school_year
            and figures.unit_id = agreed.school_id
            and figures.subject_id = agreed.item_id
)

select * from rubric
