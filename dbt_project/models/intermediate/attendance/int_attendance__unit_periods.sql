{{ config(materialized='view') }}
with

profiles as (
    select
        {{ basis_id() }} as basis_id,
        definition_version,
    from {{ ref('stg_declared__profiles') }}
    where measure_id = 'attendance_rate'
),

people as (
    select
        units.*,
        groups.group_set_id,
        groups.group_id,
        profiles.definition_version,
    from {{ ref('int_attendance__student_units') }} as units
    inner join profiles on units.basis_id = profiles.basis_id
    inner join {{ ref('int_groups__everyone') }} as groups
        on units.student_key = groups.student_key and units.school_year = groups.school_year
),

summed as (
    select
        school_year,
        period_kind,
        period_id,
        any_value(period_starts_on) as period_starts_on,
        any_value(period_ends_on) as period_ends_on,
        any_value(is_complete) as is_complete,
        unit_type,
        unit_id,
        group_set_id,
        group_id,
        any_value(definition_version) as definition_version,
        count(*) filter (measured_parts > 0) as n_people,
        sum(n_member_days) as n_member_days,
        sum(n_unmeasured_days) as n_unmeasured_days,
        sum(member_parts) as member_parts,
        sum(measured_parts) as measured_parts,
        sum(absent_parts) as absent_parts,
        sum(cast(absent_parts as hugeint) * absent_parts) as absent_squares,
        sum(cast(absent_parts as hugeint) * measured_parts) as products,
        sum(cast(measured_parts as hugeint) * measured_parts) as measured_squares,
    from people
    group by school_year, period_kind, period_id, unit_type, unit_id, group_set_id, group_id
),

unit_periods as (
    select
        * exclude (absent_squares, products, measured_squares),
        -- error of a ratio of sums, the students as the units of chance
        case
            when n_people > 1 and measured_parts > 0 and period_kind in ('year_to_date', 'year')
                then
                    sqrt(
                        greatest(
                            absent_squares - 2 * (absent_parts / measured_parts) * products
                            + power(absent_parts / measured_parts, 2) * measured_squares,
                            0
                        ) * n_people / (n_people - 1)
                    ) / measured_parts
        end as se,
    from summed
)

select * from unit_periods
