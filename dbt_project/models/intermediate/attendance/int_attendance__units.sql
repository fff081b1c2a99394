{{ config(materialized='view') }}
with

schools as (
    select distinct school_id
    from {{ ref('int_enrollment__spans') }}
),

units as (
    select
        cast(row_number() over (order by school_id) as integer) as unit_no,
        'school' as unit_type,
        school_id as unit_id,
    from schools
    union all
    select
        0 as unit_no,
        'district' as unit_type,
        district_id as unit_id,
    from {{ ref('stg_declared__district') }}
)

select * from units
