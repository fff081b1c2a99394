{% set own_measures = ['attendance_rate', 'chronic_absence', 'submission_completeness', 'response_rate'] %}
with

figures as (
    select * from {{ ref('int_figures__published') }}
    where indicator_id is not null or measure_id in ('{{ own_measures | join("', '") }}')
),

measures as (
    select {{ figure_block('figures') }}
    from figures
)

select * from measures
