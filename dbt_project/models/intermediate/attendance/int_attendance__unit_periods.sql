{{ config(materialized='view') }}
with

bases as (
    select
        bases.basis_no,
        profiles.definition_version,
    from {{ ref('stg_declared__profiles') }} as profiles
    inner join {{ ref('int_attendance__day_bases') }} as bases on {{ basis_id('profiles') }} = bases.basis_id
    where profiles.measure_id = 'attendance_rate'
),

people as (
    select
        units.school_year,
        units.period_kind,
        units.period_id,
        units.unit_type,
        units.unit_id,
        combinations.combination_no,
        any_value(bases.definition_version) as definition_version,
        count(*) filter (units.measured_parts > 0) as n_people,
        sum(units.n_member_days) as n_member_days,
        sum(units.n_unmeasured_days) as n_unmeasured_days,
        sum(units.member_parts) as member_parts,
        sum(units.measured_parts) as measured_parts,
        sum(units.absent_parts) as absent_parts,
        sum(cast(units.absent_parts as hugeint) * units.absent_parts) as absent_squares,
        sum(cast(units.absent_parts as hugeint) * units.measured_parts) as products,
        sum(cast(units.measured_parts as hugeint) * units.measured_parts) as measured_squares,
    from {{ ref('int_attendance__student_units') }} as units
    inner join bases on units.basis_no = bases.basis_no
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on units.student_no = combinations.student_no and units.school_year = combinations.school_year
    group by
        units.school_year, units.period_kind, units.period_id, units.unit_type, units.unit_id,
        combinations.combination_no
),

grouped as (
    select
        people.* exclude (combination_no),
        combinations.group_set_id,
        combinations.group_id,
    from people
    inner join {{ ref('int_groups__combinations') }} as combinations
        on people.combination_no = combinations.combination_no
),

summed as (
    select
        school_year,
        period_kind,
        period_id,
        unit_type,
        unit_id,
        group_set_id,
        group_id,
        any_value(definition_version) as definition_version,
        {% for column in [
            'n_people', 'n_member_days', 'n_unmeasured_days', 'member_parts', 'measured_parts', 'absent_parts',
            'absent_squares', 'products', 'measured_squares',
        ] -%}
            sum({{ column }}) as {{ column }},
        {% endfor %}
    from grouped
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
