with

tonight as (
    select * from {{ source('landed', 'tonight') }}
),

obligations as (
    select * from {{ ref('stg_declared__obligations') }}
    where kind <> 'arrival'
),

windows as (
    select * from {{ ref('stg_declared__windows') }}
),

steps as (
    select
        school_year || '_' || activity_id as obligation_id,
        done_on,
    from {{ ref('stg_declared__activities') }}
    union all
    select
        school_year || '_' || milestone_id as obligation_id,
        done_on,
    from {{ ref('stg_declared__milestones') }}
),

reviewed as (
    select
        subject_id as review_id,
        kind,
    from {{ ref('stg_ledger__events') }}
    where kind = 'review_frozen'
    union
    select
        json_extract_string(payload, '$.review_id') as review_id,
        kind,
    from {{ ref('stg_ledger__events') }}
    where kind = 'decision_recorded'
),

moved as (
    select
        json_extract_string(payload, '$.window_id') as window_id,
        cast(json_extract_string(payload, '$.school_year') as integer) as school_year,
        arg_max(json_extract_string(payload, '$.to_state'), seq) as state,
    from {{ ref('stg_ledger__events') }}
    where kind = 'window_transition'
    group by all
),

judged as (
    select
        obligations.*,
        case
            when obligations.kind = 'window' and moved.state in ('notice_sent', 'roster_frozen') then 'planned'
            when obligations.kind = 'window' and moved.state = 'extended' then 'open'
            when obligations.kind = 'window' and moved.state is not null then moved.state
            when obligations.kind = 'window' and tonight.as_of < obligations.opens_on then 'planned'
            when obligations.kind = 'window' and tonight.as_of <= obligations.closes_on then 'open'
            when obligations.kind = 'window' and tonight.as_of <= windows.late_until_on then 'closed'
            when obligations.kind = 'window' then 'sealed'
            when steps.done_on <= tonight.as_of or reviewed.review_id is not null then 'done'
            when
                tonight.as_of > obligations.due_on
                and obligations.kind in ('board_meeting', 'budget_event', 'review_meeting', 'review_close')
                then 'done'
            when tonight.as_of > obligations.due_on then 'late'
            when tonight.as_of = obligations.due_on then 'due'
            when obligations.opens_on <= tonight.as_of then 'open'
            else 'planned'
        end as state,
    from obligations
    cross join tonight
    left join windows on obligations.window_id = windows.window_id and obligations.school_year = windows.school_year
    left join moved on obligations.window_id = moved.window_id and obligations.school_year = moved.school_year
    left join steps on obligations.obligation_id = steps.obligation_id
    left join reviewed
        on
            obligations.review_id = reviewed.review_id
            and (obligations.kind, reviewed.kind)
            in (('review_packet', 'review_frozen'), ('decide_by', 'decision_recorded'))
)

select * from judged
