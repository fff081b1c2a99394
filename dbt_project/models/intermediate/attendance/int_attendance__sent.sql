{{ config(materialized='view', once=true) }}
with

sent as (
    select
        school_id,
        grade,
        on_date,
        count(*) as n_rooms,
        count(*) filter (is_submitted) as n_sent,
    from {{ ref('stg_landed__attendance_submissions') }}
    group by school_id, grade, on_date
)

select * from sent
