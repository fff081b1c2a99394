{{ config(materialized='view') }}
with

through as (
    select * from {{ source('landed', 'through') }}
),

measures as (
    select * from {{ ref('int_figures__measured') }}
    union all by name
    select * from {{ ref('msr_attendance_rate_daily') }}
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
