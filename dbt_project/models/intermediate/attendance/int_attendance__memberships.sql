{{ config(materialized='view') }}
with

memberships as (
    select
        spans.*,
        if(district.no_show = 'keep', spans.entered_on, first_days.on_date) as begins_on,
    from {{ ref('int_enrollment__spans') }} as spans
    cross join {{ ref('stg_declared__district') }} as district
    left join {{ ref('int_attendance__first_days') }} as first_days
        on spans.stay_no = first_days.stay_no and spans.entered_on = first_days.entered_on
    where district.no_show = 'keep' or first_days.on_date is not null
)

select * from memberships
