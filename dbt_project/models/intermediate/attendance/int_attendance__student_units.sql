{{ config(materialized='view') }}
with

student_periods as (
    select * from {{ ref('int_attendance__student_periods') }}
),

placed as (
    select
        * exclude (school_id, is_owner),
        'school' as unit_type,
        school_id as unit_id,
    from student_periods
    union all by name
    select
        * exclude (school_id, is_owner),
        'district' as unit_type,
        (select district.district_id from {{ ref('stg_declared__district') }} as district) as unit_id,
    from student_periods
    where is_owner
),

student_units as (
    select
        school_year,
        period_kind,
        period_id,
        any_value(period_starts_on) as period_starts_on,
        any_value(period_ends_on) as period_ends_on,
        any_value(is_complete) as is_complete,
        unit_type,
        unit_id,
        student_key,
        basis_id,
        cast(sum(n_member_days) as bigint) as n_member_days,
        cast(sum(n_unmeasured_days) as bigint) as n_unmeasured_days,
        cast(sum(member_parts) as bigint) as member_parts,
        cast(sum(measured_parts) as bigint) as measured_parts,
        cast(sum(absent_parts) as bigint) as absent_parts,
    from placed
    group by school_year, period_kind, period_id, unit_type, unit_id, student_key, basis_id
)

select * from student_units
