{{ config(
    materialized='by_part', stale='int_changes__touched_periods', parts=['school_year', 'period_kind', 'period_id'],
    compared=false
) }}
with

months as (
    select
        touched.school_year,
        touched.period_kind,
        touched.period_id,
        periods.piece_id,
        periods.period_ends_on,
        cast(dense_rank() over (order by touched.school_year, touched.period_id) as integer) as month_no,
    from {{ ref('int_changes__touched_periods') }} as touched
    inner join {{ ref('int_calendar__periods') }} as periods using (school_year, period_kind, period_id)
    where touched.is_complete and touched.period_kind = 'month'
),

definitions as (
    select distinct bases.pair_no
    from {{ ref('stg_declared__profiles') }} as profiles
    inner join {{ ref('int_attendance__day_bases') }} as bases on {{ basis_id('profiles') }} = bases.basis_id
    where profiles.measure_id = 'chronic_absence' and profiles.test_kind = 'share'
),

-- months by number, as millions of pieces are grouped
summed as (
    select
        months.month_no,
        pieces.stay_no,
        pieces.pair_no,
        {%- for column in ['n_member_days', 'member_parts', 'measured_parts', 'absent_parts_0', 'absent_parts_1'] %}
            cast(sum(pieces.{{ column }}) as integer) as {{ column }},
        {%- endfor %}
    from {{ ref('int_attendance__student_pieces') }} as pieces
    inner join months on pieces.school_year = months.school_year and pieces.piece_id = months.piece_id
    inner join definitions on pieces.pair_no = definitions.pair_no
    group by months.month_no, pieces.stay_no, pieces.pair_no
),

numbered as (
    select distinct * exclude (piece_id) from months
),

student_months as (
    select
        numbered.* exclude (month_no),
        summed.* exclude (month_no),
    from summed
    inner join numbered on summed.month_no = numbered.month_no
)

select * from student_months
