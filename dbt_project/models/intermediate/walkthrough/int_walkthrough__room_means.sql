with

windows as (
    select * from {{ ref('stg_declared__windows') }}
    where kind = 'walkthrough'
),

district as (
    select * from {{ ref('stg_declared__district') }}
),

seen as (
    select
        *,
        try_cast(rating as integer) as level,
        max(received_at) over () as last_received_at,
    from {{ ref('stg_landed__walkthroughs') }}
),

room_means as (
    select
        windows.window_id,
        windows.school_year,
        windows.opens_on,
        windows.closes_on,
        district.district_id,
        seen.school_id,
        seen.room_key,
        seen.item_id,
        cast(sum(seen.level) as bigint) as level_sum,
        count(seen.level) as n_ratings,
        {{ is_delivered_early('seen.last_received_at', 'district.time_zone', 'windows.closes_on') }} as is_provisional,
    from seen
    inner join windows on seen.on_date between windows.opens_on and windows.closes_on
    cross join district
    group by all
)

select * from room_means
