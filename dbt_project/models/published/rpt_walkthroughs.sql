with

figures as (
    select * from {{ ref('int_figures__published') }}
    where measure_id = 'walkthrough_rating' and is_current
),

windows as (
    select * from {{ ref('stg_declared__windows') }}
),

items as (
    select * from {{ ref('stg_declared__items') }}
),

rooms as (
    select * from {{ ref('msr_walkthrough_rating') }}
),

walkthroughs as (
    select
        {{ figure_block('figures') }}
        windows.window_id,
        items.text_en as item_label,
        case when not figures.is_suppressed then rooms.completeness end as coverage,
        case when not figures.is_suppressed then rooms.n_observations end as n_rooms,
        case when not figures.is_suppressed then rooms.n_eligible end as n_eligible_rooms,
    from figures
    inner join windows on figures.period_id = windows.window_id and figures.school_year = windows.school_year
    inner join items
        on
            windows.instrument_id = items.instrument_id
            and windows.edition = items.edition
            and figures.subject_id = items.item_id
    inner join rooms
        on
            figures.school_year = rooms.school_year
            and figures.period_id = rooms.period_id
            and figures.unit_id = rooms.unit_id
            and figures.subject_id = rooms.subject_id
)

select * from walkthroughs
