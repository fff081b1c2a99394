{{ config(materialized='by_part', stale='int_changes__touched_years', parts=['school_year']) }}
with

calendar_days as (
    select
        *,
        cast(slot as integer) as school_year,
    from {{ ref('int_calendar__days') }}
),

day_weights as (
    select * from {{ ref('stg_declared__day_weights') }}
),

scopes as (
    select distinct
        school_id,
        calendar_id,
        grade,
        school_year,
    from {{ ref('int_enrollment__spans') }}
    where school_year in (select touched.school_year from {{ ref('int_changes__touched_years') }} as touched)
),

told as (
    select
        scopes.school_id,
        scopes.calendar_id,
        scopes.grade,
        scopes.school_year,
        calendar_days.on_date,
        calendar_days.day_kind,
        calendar_days.is_instructional,
    from scopes
    inner join calendar_days
        on
            scopes.calendar_id = calendar_days.calendar_id
            and scopes.school_year = calendar_days.school_year
            and (calendar_days.school_id is null or scopes.school_id = calendar_days.school_id)
            and (
                calendar_days.grades is null
                or list_contains(string_split(calendar_days.grades, ','), scopes.grade)
            )
    where calendar_days.on_date <= (select through_on from {{ source('landed', 'through') }})
    qualify
        row_number() over (
            partition by scopes.school_id, scopes.calendar_id, scopes.grade, calendar_days.on_date
            order by calendar_days.school_id is null, calendar_days.grades is null
        ) = 1
),

instructional_days as (
    select
        told.school_id,
        told.calendar_id,
        told.grade,
        told.on_date,
        told.school_year,
        cast(
            (
                2 * {{ var('day_parts') }} * coalesce(day_weights.weight_numerator, 1)
                + coalesce(day_weights.weight_denominator, 1)
            ) // (2 * coalesce(day_weights.weight_denominator, 1)) as bigint
        ) as day_parts,
    from told
    left join day_weights on told.day_kind = day_weights.day_kind
    where told.is_instructional
)

select * from instructional_days
