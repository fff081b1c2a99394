{{ config(materialized='view') }}
with

indicators as (
    select * from {{ ref('dim_indicators') }}
    where is_signal_daily
),

-- schools whose week is shown to everybody
shown as (
    select distinct
        indicator_id,
        unit_id,
    from {{ ref('int_signals__series') }}
    where group_id = 'all'
),

newest as (
    select
        dates.school_year,
        dates.on_date,
    from {{ ref('int_calendar__dates') }} as dates
    inner join {{ source('landed', 'through') }} as through on dates.on_date <= through.through_on
    where exists (select 1 from indicators)
    qualify
        dates.school_year = max(dates.school_year) over ()
        and row_number() over (order by dates.on_date desc) <= {{ var('days_looked_at') }}
),

bases as (
    select
        pair_no,
        {% for category in absence_categories() -%}
            counts_{{ category }} as counts_{{ category }}_0,
        {% endfor -%}
        partial_day = 'half_rule' as has_half_rule,
    from {{ ref('int_attendance__day_bases') }}
    where basis_no = 0
),

missed as (
    select
        days.on_date,
        units.unit_id,
        days.member_parts,
        days.day_state <> 'not_submitted' as is_measured,
        case
            when days.day_state in ('present', 'not_submitted') then 0
            when not bases.has_half_rule then {{ counted_parts(0) }}
            when 2 * ({{ counted_parts(0) }}) >= days.member_parts then days.member_parts
            else 0
        end as absent_parts,
    from {{ ref('int_attendance__member_days') }} as days
    inner join newest on days.school_year = newest.school_year and days.on_date = newest.on_date
    inner join {{ ref('int_attendance__stays') }} as stays on days.stay_no = stays.stay_no
    inner join {{ ref('int_attendance__units') }} as units on stays.unit_no = units.unit_no
    cross join bases
    where days.day_state <> 'not_yet'
),

school_days as (
    select
        on_date,
        unit_id,
        count(*) as n_people,
        sum(member_parts) as expected_parts,
        coalesce(sum(member_parts) filter (is_measured), 0) as measured_parts,
        coalesce(sum(member_parts - absent_parts) filter (is_measured), 0) as present_parts,
    from missed
    group by on_date, unit_id
),

told as (
    select
        on_date,
        unit_id,
        n_people,
        present_parts / {{ var('day_parts') }} as n_present,
        measured_parts / {{ var('day_parts') }} as n_member,
    from school_days
    cross join {{ ref('stg_declared__district') }} as district
    where
        measured_parts * district.school_day_gate_denominator >= expected_parts * district.school_day_gate_numerator
        and measured_parts > 0
    union all
    select
        counts.on_date,
        counts.school_id as unit_id,
        counts.n_people,
        coalesce(counts.n_present, counts.attendance_share * counts.n_people) as n_present,
        counts.n_people as n_member,
    from {{ ref('int_attendance__count_days') }} as counts
    inner join newest on counts.school_year = newest.school_year and counts.on_date = newest.on_date
    where counts.day_state = 'reported' and counts.n_people > 0
),

days as (
    select
        indicators.indicator_id,
        'share' as value_unit,
        indicators.signal_better as better,
        cast(indicators.signal_smallest_change as double) as smallest_change,
        told.unit_id,
        told.on_date,
        told.n_people,
        cast(told.n_present as double) as n_present,
        cast(told.n_member as double) as n_member,
    from told
    inner join shown on told.unit_id = shown.unit_id
    inner join indicators on shown.indicator_id = indicators.indicator_id
    cross join {{ ref('stg_declared__district') }} as district
    where told.n_people >= greatest(district.n_min, indicators.signal_min_denominator)
)

select * from days
