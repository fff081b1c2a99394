with

figures as (
    select * from {{ ref('int_figures__published') }}
    where measure_id in ('dosage', 'adherence', 'quality', 'plan_execution') and is_current
),

activities as (
    select * from {{ ref('stg_declared__activities') }}
),

implementation as (
    select
        {{ figure_block('figures') }}
        coalesce(activities.label_en, figures.subject_id) as subject_label,
    from figures
    left join activities on figures.subject_id = activities.activity_id and figures.school_year = activities.school_year
)

select * from implementation
