{{ config(materialized='view') }}
with

indicators as (
    select
        indicators.*,
        profiles.min_member_days,
        cast(profiles.min_op = '>' as integer) as above_min,
        profiles.test_numerator,
        profiles.test_denominator,
        cast(profiles.test_op = '>' as integer) as above_test,
        bases.pair_no,
        bases.side_no,
    from {{ ref('dim_indicators') }} as indicators
    inner join {{ ref('stg_declared__profiles') }} as profiles
        on indicators.measure_id = profiles.measure_id and indicators.profile_id = profiles.profile_id
    inner join {{ ref('int_attendance__day_bases') }} as bases on {{ basis_id('profiles') }} = bases.basis_id
    where
        indicators.measure_id = 'chronic_absence' and indicators.signal_period_kind = 'month'
        and profiles.test_kind = 'share'
),

shown as (
    select distinct
        indicator_id,
        unit_type,
        unit_id,
    from {{ ref('int_figures__printed') }}
    where is_tested and is_current and unit_type = 'school' and group_id = 'all'
),

this_year as (
    select max(school_year) as school_year
    from {{ ref('int_signals__student_months') }}
),

missed as (
    select
        indicators.indicator_id,
        months.school_year,
        months.period_ends_on as ends_on,
        stays.unit_no,
        stays.student_no,
        sum(months.n_member_days) as n_member_days,
        sum(months.measured_parts) as measured_parts,
        sum(if(indicators.side_no = 0, months.absent_parts_0, months.absent_parts_1)) as absent_parts,
    from {{ ref('int_signals__student_months') }} as months
    inner join indicators on months.pair_no = indicators.pair_no
    inner join {{ ref('int_attendance__stays') }} as stays on months.stay_no = stays.stay_no
    cross join this_year
    where
        months.school_year = this_year.school_year
        or months.period_ends_on >= indicators.signal_baseline_from
    group by indicators.indicator_id, months.school_year, months.period_ends_on, stays.unit_no, stays.student_no
),

running as (
    select
        * replace (
            sum(n_member_days) over so_far as n_member_days,
            sum(measured_parts) over so_far as measured_parts,
            sum(absent_parts) over so_far as absent_parts
        ),
    from missed
    window so_far as (partition by indicator_id, school_year, unit_no, student_no order by ends_on)
),

flags as (
    select
        running.*,
        running.n_member_days >= indicators.min_member_days + indicators.above_min as is_eligible,
        is_eligible
        and running.measured_parts > 0
        and running.absent_parts * indicators.test_denominator
        >= running.measured_parts * indicators.test_numerator + indicators.above_test as is_chronic,
    from running
    inner join indicators on running.indicator_id = indicators.indicator_id
),

changes as (
    select
        *,
        coalesce(lag(is_chronic) over before, false) as was_chronic,
    from flags
    window before as (partition by indicator_id, school_year, unit_no, student_no order by ends_on)
),

entries as (
    select
        concat_ws('|', 'entries', changes.indicator_id, shown.unit_id, changes.ends_on) as figure_id,
        changes.indicator_id,
        shown.unit_type,
        shown.unit_id,
        'all' as group_id,
        changes.ends_on as period_ends_on,
        'share' as value_unit,
        count(*) as n_counted,
        count(*) filter (changes.is_chronic) as numerator,
        count(*) as denominator,
    from changes
    inner join {{ ref('int_attendance__units') }} as units on changes.unit_no = units.unit_no
    inner join shown on changes.indicator_id = shown.indicator_id and units.unit_id = shown.unit_id
    cross join {{ ref('stg_declared__district') }} as district
    where changes.is_eligible and not changes.was_chronic
    group by changes.indicator_id, shown.unit_type, shown.unit_id, changes.ends_on
    having count(*) >= any_value(district.n_min)
)

select * from entries
