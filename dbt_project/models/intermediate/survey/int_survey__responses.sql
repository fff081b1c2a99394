{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

sent as (
    select * from {{ ref('int_survey__sent_responses') }}
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

responses as (
    select
        sent.*,
        windows.window_id,
        windows.school_year,
        windows.instrument_id,
        windows.edition,
        cast(
            timezone(coalesce(zones.time_zone, windows.time_zone), timezone('UTC', sent.submitted_at)) as date
        ) as sent_on,
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
    left join runs on sent.slot = runs.slot and sent.response_no = runs.response_no
)

select * from responses
