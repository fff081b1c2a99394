with

district as (
    select * from {{ ref('stg_declared__district') }}
),

sessions as (
    select
        cast(activities.slot as integer) as school_year,
        district.district_id,
        activities.activity_id,
        activities.unit_type,
        activities.unit_id,
        activities.session_id,
        activities.on_date,
        activities.status = 'delivered' as is_delivered,
        activities.n_core_required,
        activities.n_core_delivered,
        activities.n_eligible,
        activities.n_reached,
        activities.quality,
        activities.adaptation,
        -- The log of a morning does not know yet what that day will bring.
        max(cast(timezone(district.time_zone, timezone('UTC', activities.received_at)) as date))
            over (partition by activities.slot) as known_before_on,
    from {{ ref('stg_landed__activities') }} as activities
    cross join district
)

select * from sessions
