{{ config(materialized='view') }}
with

periods as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        periods.piece_id,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods using (school_year, period_kind, period_id)
    where touched.is_complete
),

{{ counted_schools('dates.piece_id') }}

select * from units
