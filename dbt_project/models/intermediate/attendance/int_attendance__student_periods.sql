{{ config(materialized='view') }}
with

periods as (
    select
        touched.*,
        periods.piece_id,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods
        on
            touched.school_year = periods.school_year
            and touched.period_kind = periods.period_kind
            and touched.period_id = periods.period_id
    where touched.is_complete or touched.period_kind <> 'year_to_date'
),

student_periods as (
    select
        pieces.school_year,
        periods.period_kind,
        periods.period_id,
        any_value(periods.period_starts_on) as period_starts_on,
        any_value(periods.period_ends_on) as period_ends_on,
        any_value(periods.is_complete) as is_complete,
        pieces.student_key,
        pieces.school_id,
        pieces.is_owner,
        pieces.basis_id,
        cast(sum(pieces.n_member_days) as bigint) as n_member_days,
        cast(sum(pieces.n_unmeasured_days) as bigint) as n_unmeasured_days,
        cast(sum(pieces.member_parts) as bigint) as member_parts,
        cast(sum(pieces.measured_parts) as bigint) as measured_parts,
        cast(sum(pieces.absent_parts) as bigint) as absent_parts,
    from {{ ref('int_attendance__student_pieces') }} as pieces
    inner join periods on pieces.school_year = periods.school_year and pieces.piece_id = periods.piece_id
    group by
        pieces.school_year, periods.period_kind, periods.period_id, pieces.student_key, pieces.school_id,
        pieces.is_owner, pieces.basis_id
)

select * from student_periods
