{{ config(materialized='view') }}
with

spans as (
    select
        *,
        count(*) over (partition by student_key, school_year) as n_spans,
    from {{ ref('int_enrollment__spans') }}
),

school_days as (
    select
        days.*,
        submission.submission_state,
    from {{ ref('int_calendar__instructional_days') }} as days
    inner join {{ ref('int_changes__touched_days') }} as touched
        on days.school_year = touched.school_year and days.on_date = touched.on_date
    inner join {{ ref('int_attendance__submission') }} as submission
        on days.school_id = submission.school_id and days.grade = submission.grade and days.on_date = submission.on_date
),

days as (
    select
        school_days.school_year,
        school_days.on_date,
        spans.student_key,
        spans.student_no,
        spans.school_id,
        spans.enrollment_id,
        spans.calendar_id,
        spans.grade,
        cast(
            case
                when spans.attends_weekdays is null
                    then (school_days.day_parts * cast(spans.fte * 1000 as bigint) + 500) // 1000
                else school_days.day_parts
            end as integer
        ) as member_parts,
        school_days.submission_state,
        spans.n_spans,
        spans.is_primary,
        spans.entered_on,
        spans.tie_no,
    from school_days
    inner join spans
        on
            school_days.school_id = spans.school_id
            and school_days.calendar_id = spans.calendar_id
            and school_days.grade = spans.grade
            and school_days.school_year = spans.school_year
            and school_days.on_date between spans.entered_on and spans.last_on
    where
        spans.attends_weekdays is null
        or list_contains(string_split(spans.attends_weekdays, ','), lower(strftime(school_days.on_date, '%a')))
),

owned as (
    select
        *,
        true as is_owner,
    from days
    where n_spans = 1
    union all by name
    select
        *,
        row_number() over (
            partition by student_key, on_date order by is_primary desc, entered_on desc, tie_no asc, enrollment_id asc
        ) = 1 as is_owner,
    from days
    where n_spans > 1
    qualify
        row_number() over (
            partition by student_key, school_id, on_date
            order by is_primary desc, entered_on desc, tie_no asc, enrollment_id asc
        ) = 1
),

marked as (
    select
        days.*,
        {% for category in absence_categories() -%}
            {{ cut_parts(category) }} as {{ category }}_parts,
        {% endfor -%}
    from owned as days
    left join {{ ref('int_attendance__day_marks') }} as marks using (student_key, school_id, on_date)
),

missed as (
    select
        *,
        {{ absence_categories() | join('_parts + ') }}_parts
            as missed_parts,
    from marked
),

member_days as (
    select
        school_year,
        on_date,
        student_key,
        student_no,
        school_id,
        enrollment_id,
        calendar_id,
        grade,
        member_parts,
        case
            when submission_state <> 'submitted' then submission_state
            when missed_parts = 0 then 'present'
            when missed_parts = member_parts then 'absent'
            else 'partial'
        end as day_state,
        is_owner,
        {% for category in absence_categories() -%}
            {{ category }}_parts,
        {% endfor %}
    from missed
)

select * from member_days
