{{ config(materialized='by_part', stale='int_changes__sent_on', parts=['on_date']) }}
with

sent as (
    select
        school_id,
        grade,
        on_date,
        count(*) as n_rooms,
        count(*) filter (is_submitted) as n_sent,
    from {{ ref('stg_landed__attendance_submissions') }}
    where on_date in (select touched.on_date from {{ ref('int_changes__sent_on') }} as touched)
    group by school_id, grade, on_date
)

select * from sent
