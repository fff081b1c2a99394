with

-- a district that says nowhere what was sent: told by what would have been marked
silent_years as (
    select * from {{ ref('int_attendance__silent_years') }}
),

spans as (
    select spans.*
    from {{ ref('int_enrollment__spans') }} as spans
    inner join silent_years on spans.school_year = silent_years.school_year
),

members as (
    select
        days.school_year,
        days.school_id,
        days.grade,
        days.on_date,
        count(spans.student_no) as n_members,
    from {{ ref('int_calendar__instructional_days') }} as days
    inner join spans
        on
            days.school_year = spans.school_year
            and days.school_id = spans.school_id
            and days.calendar_id = spans.calendar_id
            and days.grade = spans.grade
            and days.on_date between spans.entered_on and spans.last_on
    group by all
),

told as (
    select
        events.school_id,
        spans.grade,
        events.on_date,
        events.category in ({{ "'" ~ (absence_categories() | reject('equalto', 'suspended_in') | join("', '")) ~ "'" }})
            as is_absence,
        {{ mark_parts('events') }} as parts,
    from {{ ref('stg_landed__attendance_events') }} as events
    inner join spans
        on
            events.school_id = spans.school_id
            and md5_number_lower(events.student_key) = spans.student_no
            and events.on_date between spans.entered_on and spans.last_on
),

marks as (
    select
        * exclude (is_absence, parts),
        count(*) as n_marks,
        coalesce(sum(parts) filter (is_absence), 0) as absent_parts,
    from told
    group by all
),

usual as (
    select
        members.*,
        coalesce(marks.n_marks, 0) as n_marks,
        sum(marks.absent_parts) over before_it as absent_parts,
        sum(members.n_members) over before_it as n_member_days,
    from members
    left join marks using (school_id, grade, on_date)
    window
        before_it as (
            partition by members.school_year, members.school_id, members.grade order by members.on_date
            rows between {{ var('inferred')['days'] }} preceding and 1 preceding
        )
),

expected as (
    select
        *,
        coalesce(n_members * cast(absent_parts as double) / nullif(n_member_days, 0), 0) / {{ var('day_parts') }}
            as n_expected,
        on_date > greatest(
            max(case when n_marks > 0 then on_date end) over (partition by school_year),
            (
                select max(try_cast(slots.slot as date)) from {{ ref('stg_ledger__current_slots') }} as slots
                where slots.entity = 'attendance_events'
            )
        ) as is_tail,
    from usual
),

compared as (
    select
        *,
        sum(n_marks) over (partition by school_id, on_date) as n_school_marks,
        sum(n_expected) over (partition by school_id, on_date) as n_school_expected,
        sum(n_expected) over (partition by on_date) as n_day_expected,
    from expected
),

inferred_submission as (
    select
        school_year,
        school_id,
        grade,
        on_date,
        case
            when is_tail is null then 'not_yet'
            when
                is_tail and max(n_day_expected) over (partition by school_year, is_tail)
                >= {{ var('inferred')['marks'] }} then 'not_yet'
            when n_marks > 0 then 'submitted'
            when n_expected >= {{ var('inferred')['marks'] }} then 'not_submitted'
            when n_school_marks = 0 and n_school_expected >= {{ var('inferred')['marks'] }} then 'not_submitted'
            else 'submitted'
        end as inferred_state,
    from compared
)

select * from inferred_submission
