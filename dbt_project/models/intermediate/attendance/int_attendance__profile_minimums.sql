{{ config(materialized='view') }}
with

kinds as (
    select
        units.unit_no,
        arg_max(schools.kind, schools.valid_from) as school_kind,
    from {{ ref('int_attendance__units') }} as units
    inner join {{ ref('stg_landed__schools') }} as schools
        on units.unit_type = 'school' and units.unit_id = schools.school_id
    group by units.unit_no
),

declared as (
    select
        profile_id,
        unnest(string_split(min_days_by_kind, ',')) as exception,
    from {{ ref('stg_declared__profiles') }}
),

profile_minimums as (
    select
        declared.profile_id,
        kinds.unit_no,
        try_cast(split_part(declared.exception, '=', 2) as integer) as min_member_days,
    from declared
    inner join kinds on split_part(declared.exception, '=', 1) = kinds.school_kind
)

select * from profile_minimums
