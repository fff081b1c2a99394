with

windows as (
    select * from {{ ref('stg_declared__windows') }}
    where kind = 'walkthrough'
),

rooms as (
    select * from {{ ref('stg_landed__rooms') }}
),

coverage as (
    select
        windows.window_id,
        windows.school_year,
        rooms.school_id,
        rooms.room_key,
        district.district_id,
    from rooms
    inner join windows
        on rooms.slot = cast(windows.school_year as varchar) and rooms.valid_from <= windows.closes_on
    cross join {{ ref('stg_declared__district') }} as district
    qualify
        row_number() over (
            partition by windows.window_id, windows.school_year, rooms.school_id, rooms.room_key
            order by rooms.valid_from desc
        ) = 1 and rooms.is_eligible
)

select * from coverage
