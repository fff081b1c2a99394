{{ config(materialized='view') }}
with

student_periods as (
    select * from {{ ref('int_attendance__student_periods') }}
),

district as (
    select district_id from {{ ref('stg_declared__district') }}
),

placed as (
    select
        * exclude (school_id, is_owner),
        'school' as unit_type,
        school_id as unit_id,
    from student_periods
    union all
    select
        student_periods.* exclude (school_id, is_owner),
        'district' as unit_type,
        district.district_id as unit_id,
    from student_periods
    cross join district
    where student_periods.is_owner
),

student_units as (
    select
        school_year,
        period_kind,
        period_id,
        unit_type,
        unit_id,
        student_no,
        basis_no,
        cast(sum(n_member_days) as bigint) as n_member_days,
        cast(sum(n_unmeasured_days) as bigint) as n_unmeasured_days,
        cast(sum(member_parts) as bigint) as member_parts,
        cast(sum(measured_parts) as bigint) as measured_parts,
        cast(sum(absent_parts) as bigint) as absent_parts,
    from placed
    group by school_year, period_kind, period_id, unit_type, unit_id, student_no, basis_no
)

select * from student_units
