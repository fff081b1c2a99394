{{ config(materialized='view') }}
with

-- what may still be missed before a tenth is: at nothing the next part flags, below nothing it is too late
days_left as (
    select
        standing.school_year,
        standing.week_no,
        standing.student_no,
        standing.unit_no,
        standing.is_whole,
        standing.measured_parts,
        standing.absent_parts_0 as absent_parts,
        coalesce(ahead.parts_left, 0) as parts_left,
        (standing.measured_parts + coalesce(ahead.parts_left, 0) - 1) // 10 - standing.absent_parts_0
            as parts_to_a_tenth,
        cast(floor(parts_to_a_tenth / {{ var('day_parts') }}) as integer) as days_left,
    from {{ ref('int_attendance__standing') }} as standing
    left join {{ ref('int_attendance__parts_left') }} as ahead
        on standing.student_no = ahead.student_no and standing.unit_no = ahead.unit_no
    where standing.pair_no = 0
)

select * from days_left
