{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

sent as (
    select * exclude (received_at, first_row_no, last_row_no) from {{ ref('int_survey__sent_responses') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

counts as (
    select
        slot,
        response_no,
        count(*) filter (answer_state = 'answered') as n_answered,
        count(*) filter (is_scored and answer_state = 'answered') as n_scored_answered,
        count(*) filter (is_scored and answer_state in ('answered', 'skipped')) as n_scored_presented,
    from {{ ref('int_survey__answers_scored') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
    group by slot, response_no
),

runs as (
    select * from {{ ref('int_survey__runs') }}
),

windows as (
    select * from {{ ref('int_survey__windows') }}
),

roster as (
    select * from {{ ref('int_survey__roster') }}
),

zones as (
    select * from {{ ref('stg_declared__school_zones') }}
),

-- the day it is there: asked once for each quarter of an hour, within which no place has two, not a million times
local_days as (
    select
        quarters.quarter_at,
        places.time_zone,
        cast(timezone(places.time_zone, timezone('UTC', quarters.quarter_at)) as date) as on_date,
    from (select distinct {{ quarter_of('submitted_at') }} as quarter_at from sent) as quarters
    cross join (
        select time_zone from zones
        union
        select time_zone from windows
    ) as places
),

responses as (
    select
        sent.*,
        windows.window_id,
        windows.school_year,
        windows.instrument_id,
        windows.edition,
        local_days.on_date as sent_on,
        counts.n_answered,
        counts.n_scored_answered,
        counts.n_scored_presented,
        counts.n_scored_answered * windows.usable_denominator
        >= counts.n_scored_presented * windows.usable_numerator as is_complete,
        coalesce(
            sent.duration_seconds * windows.speed_denominator < counts.n_answered * windows.speed_numerator, false
        ) as is_speeder,
        coalesce(
            runs.n_in_run * windows.line_denominator >= counts.n_scored_answered * windows.line_numerator
            and counts.n_scored_answered >= windows.line_min_items
            and (runs.is_mixed or not windows.needs_reversed_item),
            false
        ) as is_straight_line,
    from sent
    inner join windows on sent.slot = windows.slot
    inner join counts on sent.slot = counts.slot and sent.response_no = counts.response_no
    left join roster
        on sent.slot = roster.slot and if(windows.is_anonymous, null, sent.respondent_key) = roster.respondent_key
    left join zones on coalesce(roster.school_id, sent.school_id) = zones.school_id
    left join local_days
        on
            {{ quarter_of('sent.submitted_at') }} = local_days.quarter_at
            and coalesce(zones.time_zone, windows.time_zone) = local_days.time_zone
    left join runs on sent.slot = runs.slot and sent.response_no = runs.response_no
)

select * from responses
