with

windows as (
    select * from {{ ref('int_survey__windows') }}
),

judged as (
    select
        slot,
        school_id,
        disposition,
        false as is_at_door,
        count(*) as n_responses,
    from {{ ref('int_survey__dispositions') }}
    group by slot, school_id, disposition
),

refused as (
    select
        slot,
        '' as school_id,
        disposition,
        true as is_at_door,
        n_records as n_responses,
    from {{ ref('int_survey__door') }}
    where disposition not in ('received', 'no_response')
),

counted as (
    select * from judged
    union all
    select * from refused
),

received as (
    select
        slot,
        cast(sum(if(disposition = 'received', n_records, -n_records)) as bigint) as n_records,
    from {{ ref('int_survey__door') }}
    where disposition in ('received', 'no_response')
    group by slot
),

survey_accounting as (
    select
        windows.window_id,
        windows.school_year,
        counted.school_id,
        counted.disposition,
        counted.is_at_door,
        counted.n_responses,
        received.n_records - windows.n_records + windows.n_responses as n_received,
        cast(sum(counted.n_responses) over (partition by counted.slot) as bigint) as n_accounted,
    from counted
    inner join windows on counted.slot = windows.slot
    left join received on counted.slot = received.slot
)

select * from survey_accounting
