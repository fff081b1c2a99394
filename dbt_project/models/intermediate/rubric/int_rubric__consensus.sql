with

windows as (
    select
        *,
        window_id || '.' || school_year as slot,
    from {{ ref('stg_declared__windows') }}
    where kind = 'rubric'
),

district as (
    select * from {{ ref('stg_declared__district') }}
),

levels as (
    select * from {{ ref('int_rubric__levels') }}
),

rated as (
    select
        slot,
        instrument_id,
        edition,
        unit_id as school_id,
        item_id,
        arg_max(rating, rated_on) filter (is_consensus) as consensus,
        count(rating) filter (not is_consensus) as n_raters,
        min(rating) filter (not is_consensus) as lowest_rating,
        quantile_disc(rating, 0.5) filter (not is_consensus) as median_rating,
        max(rating) filter (not is_consensus) as highest_rating,
        max(received_at) as received_at,
    from {{ ref('stg_landed__rubric_ratings') }}
    where unit_type = 'school'
    group by slot, instrument_id, edition, unit_id, item_id
),

consensus as (
    select
        rated.*,
        windows.window_id,
        windows.school_year,
        windows.opens_on,
        windows.closes_on,
        district.district_id,
        levels.is_in_place,
        {{ is_delivered_early('rated.received_at', 'district.time_zone', 'windows.closes_on') }} as is_provisional,
    from rated
    inner join windows on rated.slot = windows.slot
    cross join district
    left join levels
        on
            rated.instrument_id = levels.instrument_id
            and rated.edition = levels.edition
            and rated.consensus = levels.level
)

select * from consensus
