{{ config(materialized='view') }}
with

through as (
    select * from {{ source('landed', 'through') }}
),

measures as (
    {%- for measure in [
        'attendance_rate', 'chronic_absence', 'submission_completeness', 'response_rate', 'percent_favorable',
        'scale_mean', 'rubric_profile', 'walkthrough_rating', 'dosage', 'plan_execution', 'average_daily_attendance',
        'average_daily_membership', 'absence_tier', 'scale_reliability', 'school_icc', 'rubric_change',
        'rater_agreement', 'adherence', 'quality', 'reach', 'adaptations', 'plan_lateness',
        'attendance_rate_daily', 'recoverable_share', 'pd_reach', 'process_health', 'lead_times',
    ] %}
        select * from {{ ref('msr_' ~ measure) }}
        {{ '' if loop.last else 'union all by name' }}
    {%- endfor %}
),

fct_measures as (
    select
        measures.*,
        through.as_of,
        through.build_id,
    from measures
    cross join through
)

select * from fct_measures
