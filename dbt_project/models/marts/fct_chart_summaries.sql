{{ config(materialized='view') }}
with

points as (
    select * from {{ ref('fct_chart_points') }}
),

summaries as (
    select distinct
        indicator_id,
        unit_id,
        group_id,
        phase,
        chart,
        preset,
        n_useful,
        longest_run,
        longest_run_max,
        n_crossings,
        n_crossings_min,
        runs_signal,
        variation_type,
        assurance_type,
        is_provisional,
    from points
)

select * from summaries
