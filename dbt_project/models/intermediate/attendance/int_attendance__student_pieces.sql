{{ config(materialized='by_part', stale='int_changes__touched_pieces', parts=['school_year', 'piece_id']) }}
with

dates as (
    select
        dates.school_year,
        dates.on_date,
        dates.piece_id,
    from {{ ref('int_calendar__dates') }} as dates
    inner join {{ ref('int_changes__touched_pieces') }} as touched
        on dates.school_year = touched.school_year and dates.piece_id = touched.piece_id
),

member_days as (
    select
        dates.school_year,
        dates.piece_id,
        days.student_no,
        days.school_id,
        days.is_owner,
        days.member_parts,
        days.day_state = 'not_submitted' as is_unmeasured,
        bases.basis_no,
        bases.partial_day,
        {% for category in absence_categories() -%}
            case when bases.counts_{{ category }} then days.{{ category }}_parts else 0 end
            {{- ' + ' if not loop.last else ' as counted_parts,' }}
        {% endfor %}
    from {{ ref('fct_member_days') }} as days
    inner join dates on days.school_year = dates.school_year and days.on_date = dates.on_date
    cross join {{ ref('int_attendance__day_bases') }} as bases
    where days.day_state <> 'not_yet'
),

student_pieces as (
    select
        school_year,
        piece_id,
        student_no,
        school_id,
        is_owner,
        basis_no,
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
)

select * from student_pieces
