{{ config(materialized='view') }}
with

marks as (
    select
        *,
        '' as subject_id,
        '' as estimator,
    from {{ ref('int_disclosure__student_marks') }}
    union all by name
    select
        * exclude (slot, window_id),
        'default' as profile_id,
        'window' as period_kind,
        window_id as period_id,
    from {{ ref('int_disclosure__respondent_marks') }}
)

select * from marks
