with

declared_days as (
    select * from {{ ref('int_calendar__days') }}
    where source_id = 'declared' and grades is null
),

declared_years as (
    select distinct day_year from declared_days
),

feeds as (
    select
        feeds.source_id,
        feeds.school_id,
        feeds.on_date,
        min(feeds.day_kind) as told_kind,
    from {{ ref('stg_landed__calendar_days') }} as feeds
    inner join declared_years on {{ school_year_of('feeds.on_date') }} = declared_years.day_year
    where feeds.source_id <> 'declared' and feeds.grades is null
    group by feeds.source_id, feeds.school_id, feeds.on_date
),

compared as (
    select
        feeds.source_id,
        feeds.school_id,
        feeds.on_date,
        feeds.told_kind,
        coalesce(own.day_kind, everywhere.day_kind, 'no_school') as declared_kind,
    from feeds
    left join declared_days as own on feeds.on_date = own.on_date and feeds.school_id = own.school_id
    left join declared_days as everywhere
        on feeds.on_date = everywhere.on_date and everywhere.school_id is null
),

disagreements as (
    select
        source_id,
        on_date,
        told_kind,
        declared_kind,
        count(school_id) as n_schools,
    from compared
    where told_kind <> declared_kind
    group by all
)

select * from disagreements
