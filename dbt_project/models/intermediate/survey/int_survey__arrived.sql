{{ config(materialized='view') }}
with

tonight as (
    select * from {{ source('landed', 'tonight') }}
),

windows as (
    select
        windows.*,
        tonight.as_of between windows.opens_on and windows.closes_on as is_open,
        cast(timezone(windows.time_zone, timezone('UTC', deliveries.received_at)) as date) as received_on,
    from {{ ref('int_survey__windows') }} as windows
    inner join {{ ref('int_survey__deliveries') }} as deliveries on windows.slot = deliveries.slot
    cross join tonight
    where windows.opens_on <= tonight.as_of
),

-- without an open window of its instrument nobody asks
asked as (
    select * from windows
    where
        instrument_id in (
            select opened.instrument_id from windows as opened
            where opened.is_open
        )
),

school_days as (
    select distinct on_date from {{ ref('int_calendar__days') }}
    where is_instructional
),

elapsed as (
    select
        asked.slot,
        school_days.on_date,
        count(*) over (partition by asked.slot order by school_days.on_date)
        / cast(count(*) over (partition by asked.slot) as double) as share,
    from asked
    inner join school_days on asked.opens_on <= school_days.on_date and asked.closes_on >= school_days.on_date
),

usable as (
    select
        dispositions.slot,
        dispositions.school_id,
        dispositions.person_id,
        min(responses.sent_on) as sent_on,
    from {{ ref('int_survey__dispositions') }} as dispositions
    inner join {{ ref('int_survey__responses') }} as responses
        on dispositions.slot = responses.slot and dispositions.response_no = responses.response_no
    inner join asked on dispositions.slot = asked.slot
    where dispositions.disposition = 'usable'
    group by all
),

came as (
    select
        usable.slot,
        usable.school_id,
        coalesce(max(elapsed.share), 0) as came_at,
    from usable
    left join elapsed on usable.slot = elapsed.slot and usable.sent_on >= elapsed.on_date
    group by usable.slot, usable.school_id, usable.person_id
),

curves as (
    select
        came.slot,
        if(grouping(came.school_id) = 0, 'school', 'district') as unit_type,
        if(grouping(came.school_id) = 0, came.school_id, asked.district_id) as unit_id,
        list(came.came_at order by came.came_at) as came_at,
    from came
    inner join asked on came.slot = asked.slot
    group by grouping sets ((came.slot, asked.district_id, came.school_id), (came.slot, asked.district_id))
),

moments as (
    select
        asked.slot,
        coalesce(max(elapsed.share), 0) as elapsed,
    from asked
    left join elapsed on asked.slot = elapsed.slot and asked.received_on > elapsed.on_date
    group by asked.slot
),

arrived as (
    select
        asked.slot,
        asked.window_id,
        asked.school_year,
        asked.instrument_id,
        asked.is_open,
        declared.threshold_numerator,
        declared.threshold_denominator,
        counts.unit_type,
        counts.unit_id,
        counts.group_set_id,
        counts.group_id,
        coalesce(units.level, counts.unit_type) as level,
        counts.n_eligible,
        counts.n_usable,
        if(counts.group_set_id = 'all', coalesce(curves.came_at, []), []) as came_at,
        moments.elapsed,
    from asked
    inner join moments on asked.slot = moments.slot
    inner join {{ ref('int_survey__response_counts') }} as counts on asked.slot = counts.slot
    inner join {{ ref('stg_declared__windows') }} as declared
        on asked.window_id = declared.window_id and asked.school_year = declared.school_year
    left join {{ ref('dim_units') }} as units on counts.unit_type = units.unit_type and counts.unit_id = units.unit_id
    left join curves
        on counts.slot = curves.slot and counts.unit_type = curves.unit_type and counts.unit_id = curves.unit_id
    where
        (counts.group_set_id = 'all' and counts.unit_type in ('school', 'district'))
        or (asked.is_open and counts.unit_type = 'school')
)

select * from arrived
