with

windows as (
    select
        *,
        window_id || '.' || school_year as slot,
    from {{ ref('stg_declared__windows') }}
    where kind = 'survey'
),

editions as (
    select * from {{ ref('int_survey__editions') }}
),

district as (
    select * from {{ ref('stg_declared__district') }}
),

delivered as (
    select * from {{ ref('int_survey__deliveries') }}
),

survey_windows as (
    select
        windows.slot,
        windows.window_id,
        windows.school_year,
        windows.opens_on,
        windows.closes_on,
        district.district_id,
        district.time_zone,
        delivered.slot is not null as has_responses,
        delivered.n_records,
        delivered.n_responses,
        {{ is_delivered_early('delivered.received_at', 'district.time_zone', 'windows.closes_on') }} as is_provisional,
        editions.*,
    from windows
    inner join editions on windows.instrument_id = editions.instrument_id and windows.edition = editions.edition
    cross join district
    left join delivered on windows.slot = delivered.slot
)

select * from survey_windows
