{{ config(materialized='view') }}
with

touched_years as (
    select
        school_year,
        coalesce(rosters.roster, '') <> coalesce(built.roster, '') as has_other_roster,
        coalesce(rosters.sets, '') <> coalesce(built.sets, '') as has_other_sets,
        coalesce(rosters.schedule, '') <> coalesce(built.schedule, '') as has_other_schedule,
        case
            when rosters.roster is not null and built.roster is not null
                then least(rosters.through_on, built.through_on)
        end as known_through_on,
    from {{ ref('int_changes__rosters') }} as rosters
    full join {{ source('landed', 'built_rosters') }} as built using (school_year)
    where rosters.roster is distinct from built.roster or rosters.through_on is distinct from built.through_on
)

select * from touched_years
