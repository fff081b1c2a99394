{{ config(
    materialized='by_part', stale='int_changes__touched_days', parts=['school_year', 'on_date'], compared=false
) }}
with

spans as (
    select
        *,
        count(*) over (partition by student_no, school_year) as n_spans,
    from {{ ref('int_enrollment__spans') }}
),

school_days as (
    select
        days.*,
        try_cast(submission.submission_state as {{ day_states() }}) as unmeasured_as,
        submission.submission_state = 'submitted' as is_submitted,
        (select district.attendance_mode from {{ ref('stg_declared__district') }} as district) = 'positive'
            as is_positive,
    from {{ ref('int_calendar__instructional_days') }} as days
    inner join {{ ref('int_changes__touched_days') }} as touched
        on days.school_year = touched.school_year and days.on_date = touched.on_date
    inner join {{ ref('int_attendance__submission') }} as submission
        on days.school_id = submission.school_id and days.grade = submission.grade and days.on_date = submission.on_date
),

alone as (
    {{ days_inside('spans.n_spans = 1') }}
),

several as (
    {{ days_inside('spans.n_spans > 1') }}
),

owned as (
    select
        *,
        true as is_owner,
    from alone
    union all by name
    select
        *,
        row_number() over (
            partition by student_no, on_date order by is_primary desc, entered_on desc, tie_no asc, enrollment_id asc
        ) = 1 as is_owner,
    from several
    qualify
        row_number() over (
            partition by student_no, school_id, on_date
            order by is_primary desc, entered_on desc, tie_no asc, enrollment_id asc
        ) = 1
),

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
        {% for category in absence_categories() -%}
            {{ category }}_parts,
        {% endfor %}
    from marked
)

select * from member_days
