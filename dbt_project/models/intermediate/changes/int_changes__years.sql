with

dates as (
    select
        school_year,
        bit_xor(hash(dates)) as content,
    from {{ ref('int_calendar__dates') }} as dates
    group by school_year
),

memberships as (
    select
        school_year,
        bit_xor(hash(memberships)) as content,
    from {{ ref('int_groups__memberships') }} as memberships
    group by school_year
),

definitions as (
    select
        (select bit_xor(hash(profiles.definition_version || profiles.profile_id)) from {{ ref('stg_declared__profiles') }} as profiles) as profiles,
        (select hash(district) from {{ ref('stg_declared__district') }} as district) as district,
),

years as (
    select
        dates.school_year,
        concat_ws('|', definitions.profiles, definitions.district, dates.content, memberships.content) as fingerprint,
    from dates
    left join memberships on dates.school_year = memberships.school_year
    cross join definitions
)

select * from years
