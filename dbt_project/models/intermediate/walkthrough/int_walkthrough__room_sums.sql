with

room_means as (
    select
        *,
        cast(level_sum / nullif(n_ratings, 0) as decimal(18, 9)) as room_mean,
        unnest(['district', 'school']) as unit_type,
        unnest([district_id, school_id]) as unit_id,
    from {{ ref('int_walkthrough__room_means') }}
),

rooms as (
    select
        window_id,
        school_year,
        unnest(['district', 'school']) as unit_type,
        unnest([district_id, school_id]) as unit_id,
    from {{ ref('int_walkthrough__coverage') }}
),

eligible as (
    select
        window_id,
        school_year,
        unit_type,
        unit_id,
        count(*) as n_eligible,
    from rooms
    group by window_id, school_year, unit_type, unit_id
),

room_sums as (
    select
        room_means.window_id,
        room_means.school_year,
        room_means.opens_on,
        room_means.closes_on,
        room_means.unit_type,
        room_means.unit_id,
        room_means.item_id,
        bool_or(room_means.is_provisional) as is_provisional,
        any_value(eligible.n_eligible) as n_eligible,
        count(room_means.room_mean) as n_rooms,
        sum(room_means.room_mean) as total,
        sum(cast(room_means.room_mean * room_means.room_mean as decimal(38, 12))) as squares,
    from room_means
    left join eligible using (window_id, school_year, unit_type, unit_id)
    group by all
)

select * from room_sums
