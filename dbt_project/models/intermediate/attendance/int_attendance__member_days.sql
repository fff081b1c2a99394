{{ config(
    materialized='by_part', stale='int_changes__touched_days', parts=['school_year', 'on_date'], compared=false
) }}
with

school_days as (
    {{ sent_days(ref('int_changes__touched_days'), ['school_year', 'on_date']) }}
),

{{ owned_days() }},

marked as (
    select
        days.*,
        {% for category in absence_categories() -%}
            {{ cut_parts(category) }} as {{ category }}_parts,
        {% endfor -%}
        case
            when {{ is_measured() }}
                then case when marks.student_no is null then 0 else {{ parts_up_to('days.member_parts') }} end
        end as missed_parts,
    from owned as days
    left join {{ ref('int_attendance__day_marks') }} as marks using (student_no, school_id, on_date)
),

member_days as (
    select
        school_year,
        on_date,
        stay_no,
        member_parts,
        case
            when missed_parts is null then coalesce(unmeasured_as, cast('not_submitted' as {{ day_states() }}))
            when missed_parts = 0 then cast('present' as {{ day_states() }})
            when missed_parts = member_parts then cast('absent' as {{ day_states() }})
            else cast('partial' as {{ day_states() }})
        end as day_state,
        is_owner,
        overlap_state,
        {% for category in absence_categories() -%}
            {{ category }}_parts,
        {% endfor %}
    from marked
)

select * from member_days
