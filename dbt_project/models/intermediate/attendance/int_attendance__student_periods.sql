{{ config(materialized='view') }}
with

periods as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        periods.piece_id,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods
        on
            touched.school_year = periods.school_year
            and touched.period_kind = periods.period_kind
            and touched.period_id = periods.period_id
    where touched.is_complete
),

student_periods as (
    select
        periods.school_year,
        periods.period_kind,
        periods.period_id,
        pieces.student_no,
        pieces.school_id,
        pieces.is_owner,
        pieces.basis_no,
        cast(sum(pieces.n_member_days) as bigint) as n_member_days,
        cast(sum(pieces.n_unmeasured_days) as bigint) as n_unmeasured_days,
        cast(sum(pieces.member_parts) as bigint) as member_parts,
        cast(sum(pieces.measured_parts) as bigint) as measured_parts,
        cast(sum(pieces.absent_parts) as bigint) as absent_parts,
    from {{ ref('int_attendance__student_pieces') }} as pieces
    inner join periods on pieces.school_year = periods.school_year and pieces.piece_id = periods.piece_id
    group by
        periods.school_year, periods.period_kind, periods.period_id, pieces.student_no, pieces.school_id,
        pieces.is_owner, pieces.basis_no
)

select * from student_periods
