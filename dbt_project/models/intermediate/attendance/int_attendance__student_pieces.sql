{{ config(materialized='by_part', stale='int_changes__touched_pieces', parts=['school_year', 'piece_id']) }}
with

dates as (
    select
        dates.school_year,
        dates.on_date,
        dates.piece_id,
        dates.week_no,
    from {{ ref('int_calendar__dates') }} as dates
    inner join {{ ref('int_changes__touched_pieces') }} as touched
        on dates.school_year = touched.school_year and dates.piece_id = touched.piece_id
),

member_days as (
    select
        dates.school_year,
        dates.piece_id,
        dates.week_no,
        days.student_no,
        days.school_id,
        days.is_owner,
        days.member_parts,
        days.day_state = 'not_submitted' as is_unmeasured,
        bases.basis_no,
        bases.is_for_district,
        bases.partial_day,
        {% for category in absence_categories() -%}
            {{ '+ ' if not loop.first }}case when bases.counts_{{ category }} then days.{{ category }}_parts else 0 end
                {{ 'as counted_parts,' if loop.last }}
        {% endfor %}
    from {{ ref('fct_member_days') }} as days
    inner join dates on days.school_year = dates.school_year and days.on_date = dates.on_date
    cross join {{ ref('int_attendance__day_bases') }} as bases
    where days.day_state <> 'not_yet'
),

summed as (
    select
        school_year,
        piece_id,
        any_value(week_no) as week_no,
        student_no,
        school_id,
        is_owner,
        basis_no,
        any_value(is_for_district) as is_for_district,
        cast(count(*) as integer) as n_member_days,
        cast(count(*) filter (is_unmeasured) as integer) as n_unmeasured_days,
        cast(sum(member_parts) as bigint) as member_parts,
        cast(coalesce(sum(member_parts) filter (not is_unmeasured), 0) as bigint) as measured_parts,
        cast(
            coalesce(
                sum(
                    case
                        when partial_day = 'fraction' then counted_parts
                        when 2 * counted_parts >= member_parts then member_parts
                        else 0
                    end
                ) filter (not is_unmeasured),
                0
            ) as bigint
        ) as absent_parts,
    from member_days
    group by school_year, piece_id, student_no, school_id, is_owner, basis_no
),

units as (
    select
        * exclude (school_id, is_owner, is_for_district),
        'school' as unit_type,
        school_id as unit_id,
    from summed
    union all
    select
        summed.* exclude (school_id, is_owner, is_for_district),
        'district' as unit_type,
        district.district_id as unit_id,
    from summed
    cross join {{ ref('stg_declared__district') }} as district
    where summed.is_owner and summed.is_for_district
),

student_pieces as (
    select
        school_year,
        piece_id,
        any_value(week_no) as week_no,
        unit_type,
        unit_id,
        student_no,
        basis_no,
        {% for column in student_sums() -%}
            cast(sum({{ column }}) as bigint) as {{ column }},
        {% endfor %}
    from units
    group by school_year, piece_id, unit_type, unit_id, student_no, basis_no
)

select * from student_pieces
