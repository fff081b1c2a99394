{{ config(materialized='view') }}
with

definitions as (
    select
        measure_id,
        profile_id,
        coalesce(first_year, 0) as first_year,
        coalesce(last_year, 9999) as last_year,
    from {{ ref('dim_profiles') }}
    where first_year is not null or last_year is not null
),

told as (
    select * from {{ ref('int_survey__estimators') }}
),

-- other estimators beside a declared one would tell whose answers make the difference
standing as (
    select measures.*
    from {{ ref('int_figures__measured') }} as measures
    left join definitions
        on measures.measure_id = definitions.measure_id and measures.profile_id = definitions.profile_id
    where
        measures.school_year between coalesce(definitions.first_year, 0) and coalesce(definitions.last_year, 9999)
        and not ends_with(measures.estimator, '_no_flags')
        and not ends_with(measures.estimator, 'weighted')
        and (
            measures.measure_id <> 'percent_favorable'
            or (measures.subject_id, measures.estimator) in (select (told.scale_id, told.estimator) from told)
        )
)

select * from standing
