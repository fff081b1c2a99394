with

figures as (
    select * from {{ ref('int_figures__published') }}
    where
        indicator_id is not null
        or measure_id in ('attendance_rate', 'chronic_absence', 'submission_completeness', 'response_rate')
),

measures as (
    select
        {{ figure_block('figures') }}
        figures.definition_edition,
    from figures
)

select * from measures
