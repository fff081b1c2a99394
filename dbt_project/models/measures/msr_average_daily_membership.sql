{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id']
) }}
{{ average_daily('average_daily_membership', 'denominator') }}

select * from averages
