{{ config(materialized='view') }}
with

measured as (
    {%- for measure in [
        'attendance_rate', 'chronic_absence', 'submission_completeness', 'response_rate', 'percent_favorable',
        'scale_mean', 'rubric_profile', 'walkthrough_rating', 'dosage', 'plan_execution', 'average_daily_attendance',
        'average_daily_membership', 'absence_tier', 'scale_reliability', 'school_icc', 'rubric_change',
        'rater_agreement', 'adherence', 'quality', 'reach', 'adaptations', 'plan_lateness',
        'recoverable_share', 'pd_reach', 'process_health', 'lead_times',
    ] %}
        select * from {{ ref('msr_' ~ measure) }}
        {{ '' if loop.last else 'union all by name' }}
    {%- endfor %}
)

select * from measured
