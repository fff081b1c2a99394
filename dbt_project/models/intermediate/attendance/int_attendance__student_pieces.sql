{{ config(
    materialized='by_part', stale='int_changes__touched_pieces', parts=['school_year', 'piece_id'], compared=false
) }}
with

-- pieces by number: millions of days are grouped by it
dates as (
    select
        dates.*,
        cast(dense_rank() over (order by dates.school_year, dates.piece_id) as integer) as piece_no,
    from {{ ref('int_calendar__dates') }} as dates
    inner join {{ ref('int_changes__touched_pieces') }} as touched
        on dates.school_year = touched.school_year and dates.piece_id = touched.piece_id
),

pieces as (
    select distinct
        piece_no,
        school_year,
        piece_id,
        week_no,
    from dates
),

-- each pair of ways to read a day, the second of the last one empty where their number is odd
pairs as (
    select
        pair_no,
        {% for side in range(2) -%}
            {% for category in absence_categories() -%}
                bool_or(counts_{{ category }}) filter (side_no = {{ side }}) as counts_{{ category }}_{{ side }},
            {% endfor -%}
            coalesce(bool_or(partial_day = 'half_rule') filter (side_no = {{ side }}), false)
                as has_half_rule_{{ side }},
        {% endfor %}
    from {{ ref('int_attendance__day_bases') }}
    group by pair_no
),

member_days as (
    select
        dates.piece_no,
        days.stay_no,
        days.is_owner,
        days.overlap_state = 'beside' as is_beside,
        days.member_parts,
        days.day_state = 'not_submitted' as is_unmeasured,
        days.day_state = 'present' as is_present,
        pairs.*,
        {% for category in absence_categories() -%}
            days.{{ category }}_parts,
        {% endfor %}
    from {{ ref('int_attendance__member_days') }} as days
    inner join dates on days.school_year = dates.school_year and days.on_date = dates.on_date
    cross join pairs
    where days.day_state <> 'not_yet'
),

missed as (
    select
        piece_no,
        stay_no,
        is_owner,
        is_beside,
        pair_no,
        is_unmeasured,
        member_parts,
        {% for side in range(2) -%}
            case
                when is_present or is_unmeasured then 0
                when not has_half_rule_{{ side }} then {{ counted_parts(side) }}
                when 2 * ({{ counted_parts(side) }}) >= member_parts then member_parts
                else 0
            end as absent_parts_{{ side }},
        {% endfor %}
    from member_days
),

summed as (
    select
        piece_no,
        stay_no,
        is_owner,
        is_beside,
        pair_no,
        count(*) as n_member_days,
        count(*) filter (is_unmeasured) as n_unmeasured_days,
        sum(member_parts) as member_parts,
        sum(case when not is_unmeasured then member_parts else 0 end) as measured_parts,
        sum(absent_parts_0) as absent_parts_0,
        sum(absent_parts_1) as absent_parts_1,
    from missed
    group by piece_no, stay_no, is_owner, is_beside, pair_no
),

student_pieces as (
    select
        pieces.school_year,
        pieces.piece_id,
        pieces.week_no,
        summed.stay_no,
        summed.is_owner,
        summed.is_beside,
        summed.pair_no,
        {% for column in kept_sums() -%}
            cast(summed.{{ column }} as integer) as {{ column }},
        {% endfor %}
    from summed
    inner join pieces on summed.piece_no = pieces.piece_no
)

select * from student_pieces
