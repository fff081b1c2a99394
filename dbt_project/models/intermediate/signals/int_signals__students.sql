{{ config(materialized='view') }}
with

months as (
    select * from {{ ref('int_signals__student_months') }}
),

days as (
    select
        school_year,
        on_date as period_on,
        year_day_no as n_seen,
        dense_rank() over (partition by school_year order by month_id) as n_months,
        count(*) over (partition by school_year) as n_days,
    from {{ ref('int_calendar__dates') }}
),

-- the last whole month that the data reach, and the month before it
reached as (
    select
        *,
        n_months = max(n_months) over (partition by school_year) as is_newest,
    from days
    where period_on <= (select max(months.period_ends_on) from months)
    qualify
        school_year = max(school_year) over ()
        and n_months >= max(n_months) over (partition by school_year) - 1
        and row_number() over (partition by school_year, n_months order by period_on desc) = 1
),

indicators as (
    select
        indicators.indicator_id,
        indicators.direction,
        cast(indicators.smallest_change as double) as smallest_change,
        cast(indicators.on_track as double) as on_track,
        cast(indicators.watch as double) as watch,
        profiles.min_member_days,
        profiles.test_numerator,
        profiles.test_denominator,
        profiles.test_op = '>' as is_above,
        bases.pair_no,
        bases.side_no,
    from {{ ref('dim_indicators') }} as indicators
    inner join {{ ref('stg_declared__profiles') }} as profiles
        on indicators.measure_id = profiles.measure_id and indicators.profile_id = profiles.profile_id
    inner join {{ ref('int_attendance__day_bases') }} as bases on {{ basis_id('profiles') }} = bases.basis_id
    where
        indicators.measure_id = 'chronic_absence' and indicators.period_kind = 'year_to_date'
        and profiles.test_kind = 'share'
),

shown as (
    {{ forecast_series('(select max(reached.school_year) from reached)') }}
),

ahead as (
    select
        reached.period_on,
        stays.unit_no,
        stays.student_no,
        max(last_days.year_day_no) - any_value(reached.n_seen) as n_ahead,
        any_value(reached.n_seen) - min(first_days.year_day_no) + 1 as n_inside,
    from {{ ref('int_enrollment__spans') }} as spans
    inner join reached on spans.school_year = reached.school_year and spans.last_on > reached.period_on
    inner join {{ ref('int_attendance__stays') }} as stays on spans.stay_no = stays.stay_no
    asof inner join {{ ref('int_calendar__dates') }} as last_days
        on spans.school_year = last_days.school_year and spans.last_on >= last_days.on_date
    asof left join {{ ref('int_calendar__dates') }} as first_days
        on spans.school_year = first_days.school_year and spans.entered_on <= first_days.on_date
    group by reached.period_on, stays.unit_no, stays.student_no
),

missed as (
    select
        reached.period_on,
        indicators.indicator_id,
        stays.unit_no,
        stays.student_no,
        months.school_year = reached.school_year as is_now,
        months.school_year = reached.school_year
        or months.period_ends_on <= last_day(reached.period_on - interval 1 year) as is_seen,
        months.member_parts,
        months.measured_parts,
        if(indicators.side_no = 0, months.absent_parts_0, months.absent_parts_1) as absent_parts,
    from months
    inner join indicators on months.pair_no = indicators.pair_no
    inner join reached on months.school_year in (reached.school_year, reached.school_year - 1)
    inner join {{ ref('int_attendance__stays') }} as stays on months.stay_no = stays.stay_no
    where months.school_year < reached.school_year or months.period_ends_on <= last_day(reached.period_on)
),

told as (
    select
        period_on,
        indicator_id,
        unit_no,
        student_no,
        is_now,
        coalesce(sum(member_parts) filter (is_seen), 0) as member_parts,
        coalesce(sum(measured_parts) filter (is_seen), 0) as measured_parts,
        coalesce(sum(absent_parts) filter (is_seen), 0) as absent_parts,
        coalesce(sum(measured_parts) filter (not is_seen), 0) as rest_parts,
        coalesce(sum(absent_parts) filter (not is_seen), 0) as rest_absent_parts,
    from missed
    group by period_on, indicator_id, unit_no, student_no, is_now
),

-- of a day that two schools share, or half a day is spent in, no more is to come than there was of each so far
with_rest as (
    select
        told.* exclude (rest_parts, rest_absent_parts),
        if(
            told.is_now,
            coalesce(ahead.n_ahead, 0)
            * least(
                coalesce(told.member_parts / {{ var('day_parts') }} / nullif(greatest(ahead.n_inside, 0), 0), 1), 1
            ),
            told.rest_parts / {{ var('day_parts') }}
        ) as rest,
        told.rest_absent_parts / {{ var('day_parts') }} as rest_absent,
    from told
    left join ahead
        on told.period_on = ahead.period_on and told.unit_no = ahead.unit_no and told.student_no = ahead.student_no
),

rates as (
    select
        with_rest.period_on,
        with_rest.indicator_id,
        with_rest.unit_no,
        sum(with_rest.absent_parts) / nullif(sum(with_rest.measured_parts), 0) as school_rate,
    from with_rest
    inner join indicators on with_rest.indicator_id = indicators.indicator_id
    where
        with_rest.is_now
        and with_rest.measured_parts / {{ var('day_parts') }} + with_rest.rest >= indicators.min_member_days
    group by with_rest.period_on, with_rest.indicator_id, with_rest.unit_no
),

of_schools as (
    select
        with_rest.*,
        coalesce(rates.school_rate, 0) as school_rate,
    from with_rest
    left join rates
        on
            with_rest.period_on = rates.period_on
            and with_rest.indicator_id = rates.indicator_id
            and with_rest.unit_no = rates.unit_no
),

of_district as (
    select
        period_on,
        indicator_id,
        student_no,
        is_now,
        sum(measured_parts) as measured_parts,
        sum(absent_parts) as absent_parts,
        cast(sum(cast(rest as decimal(12, 6))) as double) as rest,
        cast(0 as double) as rest_absent,
        arg_max(school_rate, row(member_parts, unit_no)) as school_rate,
    from of_schools
    where is_now
    group by period_on, indicator_id, student_no, is_now
),

of_units as (
    select
        units.unit_id,
        of_schools.* exclude (unit_no, member_parts),
    from of_schools
    inner join {{ ref('int_attendance__units') }} as units on of_schools.unit_no = units.unit_no
    union all by name
    select
        of_district.*,
        district.district_id as unit_id,
    from of_district
    cross join {{ ref('stg_declared__district') }} as district
),

of_series as (
    select
        of_units.*,
        shown.* exclude (indicator_id, unit_id, this_year),
    from of_units
    inner join shown on of_units.indicator_id = shown.indicator_id and of_units.unit_id = shown.unit_id
    where shown.group_set_id = 'all'
    union all by name
    select
        of_units.*,
        shown.* exclude (indicator_id, unit_id, this_year),
    from of_units
    inner join shown on of_units.indicator_id = shown.indicator_id and of_units.unit_id = shown.unit_id
    inner join reached on of_units.period_on = reached.period_on
    inner join {{ ref('int_groups__student_combinations') }} as students
        on of_units.student_no = students.student_no and reached.school_year = students.school_year
    inner join {{ ref('int_groups__combinations') }} as combinations
        on
            students.combination_no = combinations.combination_no
            and shown.group_set_id = combinations.group_set_id
            and shown.group_id = combinations.group_id
    where of_units.is_now and shown.group_set_id <> 'all'
),

students as (
    select
        of_series.indicator_id,
        of_series.unit_id,
        of_series.group_id,
        of_series.series_no,
        of_series.is_now,
        of_series.measured_parts / {{ var('day_parts') }} as member,
        of_series.absent_parts / {{ var('day_parts') }} as absent,
        of_series.rest,
        of_series.rest_absent,
        of_series.school_rate,
        indicators.min_member_days,
        indicators.test_numerator,
        indicators.test_denominator,
        indicators.is_above,
        reached.school_year,
        reached.period_on,
        reached.n_seen,
        reached.n_months,
        reached.n_days,
        reached.is_newest,
        indicators.direction,
        indicators.smallest_change,
        indicators.on_track,
        indicators.watch,
        of_series.target,
        of_series.baseline,
    from of_series
    inner join indicators on of_series.indicator_id = indicators.indicator_id
    inner join reached on of_series.period_on = reached.period_on
)

select * from students
