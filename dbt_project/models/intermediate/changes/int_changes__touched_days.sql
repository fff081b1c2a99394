with

dates as (
    select * from {{ ref('int_calendar__dates') }}
),

now_days as (
    {{ on_days_of(ref('int_calendar__instructional_days'), ref('int_changes__calendar_days')) }}
),

built_days as (
    {{ on_days_of(source('landed', 'built_days'), ref('int_changes__calendar_days')) }}
),

now_submission as (
    {{ on_days_of(ref('int_attendance__submission'), ref('int_changes__sent_days')) }}
),

built_submission as (
    {{ on_days_of(source('landed', 'built_submission'), ref('int_changes__sent_days')) }}
),

changed_days as (
    {{ differing('now_days', 'built_days', 'school_id, calendar_id, grade, on_date, school_year, day_parts') }}
),

changed_submission as (
    {{ differing(
        'now_submission', 'built_submission', 'school_id, grade, on_date, submission_state, n_sent, n_expected'
    ) }}
),

-- a day whose marks all came or all went needs no look at its rows
marked_days as (
    select
        on_date,
        {{ is_on_one_side() }} as is_on_one_side,
    from {{ source('landed', 'changed_attendance_events') }}
    group by on_date
),

changed_marks as (
    select * exclude (is_current, batch_id, source_id, received_at, row_no, slot)
    from {{ source('landed', 'changed_attendance_events') }}
    where
        on_date in (
            select marked.on_date from marked_days as marked
            where not marked.is_on_one_side
        )
    group by all
    having {{ is_on_one_side() }}
),

-- years whose marks are read in another way
changed_modes as (
    select dates.on_date
    from {{ ref('int_changes__years') }} as years
    inner join {{ source('landed', 'built_years') }} as built on years.school_year = built.school_year
    inner join dates on years.school_year = dates.school_year
    where
        split_part(split_part(years.fingerprint, '|', 2), '/', 1)
        <> split_part(split_part(built.fingerprint, '|', 2), '/', 1)
),

changed as (
    select on_date from changed_days
    union
    select on_date from changed_modes
    union
    select on_date from changed_submission
    union
    select on_date from marked_days
    where is_on_one_side
    union
    select on_date from changed_marks
    union
    select on_date from {{ ref('int_changes__span_days') }}
    union
    select on_date from {{ ref('int_attendance__count_days') }}
),

-- where the first day present begins a membership, a changed day may move what comes after it
moved as (
    select dates.on_date
    from dates
    inner join (
        select
            known.school_year,
            min(known.on_date) as first_on,
        from changed
        inner join dates as known on changed.on_date = known.on_date
        group by known.school_year
    ) as years on dates.school_year = years.school_year and dates.on_date >= years.first_on
    where (select district.no_show from {{ ref('stg_declared__district') }} as district) <> 'keep'
),

-- a day without school belongs to the year of the next school day
touched_days as (
    select
        coalesce(dates.school_year, (select max(newest.school_year) from dates as newest)) as school_year,
        changed.on_date,
    from (
        select on_date from changed
        union
        select on_date from moved
    ) as changed
    asof left join dates on changed.on_date <= dates.on_date
)

select * from touched_days
