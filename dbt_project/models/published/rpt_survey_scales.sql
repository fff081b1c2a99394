with

figures as (
    select * from {{ ref('int_figures__published') }}
    where measure_id in ('percent_favorable', 'scale_mean')
),

windows as (
    select * from {{ ref('stg_declared__windows') }}
),

scales as (
    select * from {{ ref('stg_declared__scales') }}
),

survey_scales as (
    select
        {{ figure_block('figures') }}
        windows.window_id,
        windows.instrument_id,
        windows.edition,
        windows.wave,
        scales.label_en as scale_label,
    from figures
    inner join windows on figures.period_id = windows.window_id and figures.school_year = windows.school_year
    inner join scales
        on
            windows.instrument_id = scales.instrument_id
            and windows.edition = scales.edition
            and figures.subject_id = scales.scale_id
)

select * from survey_scales
