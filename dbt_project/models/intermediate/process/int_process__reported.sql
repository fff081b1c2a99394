with

events as (
    select
        *,
        coalesce(recorded_at, cast(as_of as timestamp)) as happened_at,
    from {{ ref('stg_ledger__events') }}
    where kind in ('release_promoted', 'delivery', 'batch_accepted')
),

releases as (
    select
        subject_id as release_id,
        as_of,
        happened_at,
    from events
    where kind = 'release_promoted'
),

-- answers that are not in yet are in no release
answered as (
    select
        unnest(from_json(json_extract(payload, '$.slots'), '["VARCHAR"]')) as slot,
        as_of,
    from events
    where kind = 'batch_accepted' and json_extract_string(payload, '$.entity') = 'responses'
),

windows as (
    select
        windows.school_year,
        windows.window_id,
        windows.closes_on,
        timezone('UTC', timezone(any_value(district.time_zone), cast(windows.closes_on + 1 as timestamp))) as closed_at,
        min(answered.as_of) as answered_on,
    from {{ ref('stg_declared__windows') }} as windows
    inner join answered on answered.slot = windows.window_id || '.' || windows.school_year
    cross join {{ ref('stg_declared__district') }} as district
    where windows.kind = 'survey'
    group by windows.school_year, windows.window_id, windows.closes_on
),

-- of audiences alone and of all together: how long after a release its pages were handed over
delivered as (
    select
        {{ school_year_of('events.as_of') }} as school_year,
        unnest(['report_tiers', 'report_tiers_' || json_extract_string(events.payload, '$.audience_id')]) as subject_id,
        events.as_of as ended_on,
        date_diff('second', releases.happened_at, events.happened_at) / 86400 as days,
    from events
    inner join releases on events.subject_id = releases.release_id
    where events.kind = 'delivery'
),

reported as (
    select
        windows.school_year,
        'close_to_report' as subject_id,
        min(releases.as_of) as ended_on,
        date_diff('second', windows.closed_at, min(releases.happened_at)) / 86400 as days,
    from windows
    inner join releases
        on
            windows.closes_on < releases.as_of
            and windows.answered_on <= releases.as_of
            and windows.closed_at <= releases.happened_at
    group by windows.school_year, windows.window_id, windows.closed_at
    union all by name
    select * from delivered
)

select * from reported
