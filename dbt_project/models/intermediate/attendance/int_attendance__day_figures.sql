{{ config(materialized='view') }}
with

periods as (
    select
        school_year,
        'day' as period_kind,
        period_id,
        period_id as piece_id,
    from {{ ref('int_changes__touched_day_figures') }}
    where is_complete
),

grouped as (
    select
        counted.school_year,
        counted.on_date,
        counted.unit_no,
        combinations.group_set_id,
        combinations.group_id,
        {%- for column in ['n_people', 'n_observations', 'n_eligible', 'n_expected', 'n_measured', 'absent_parts'] %}
            sum(counted.{{ column }}) as {{ column }},
        {%- endfor %}
    from {{ ref('int_attendance__day_counts') }} as counted
    inner join {{ ref('int_groups__combinations') }} as combinations
        on counted.combination_no = combinations.combination_no
    group by
        counted.school_year, counted.on_date, counted.unit_no, combinations.group_set_id, combinations.group_id
),

{{ counted_schools('cast(days.on_date as varchar)') }},

of_places as (
    select
        grouped.* exclude (unit_no, on_date, absent_parts),
        grouped.on_date,
        grouped.n_measured - grouped.absent_parts as numerator,
        grouped.n_measured as denominator,
        places.unit_type,
        places.unit_id,
        '' as estimator,
        definition.definition_version,
    from grouped
    inner join {{ ref('int_attendance__units') }} as places on grouped.unit_no = places.unit_no
    cross join (
        select definition_version from {{ ref('stg_declared__profiles') }}
        where measure_id = 'attendance_rate'
    ) as definition
    union all by name
    select
        * exclude (has_counts, n_reported, n_listed, expected, present, shares, period_kind, period_id),
        cast(period_id as date) as on_date,
        'all' as group_set_id,
        'all' as group_id,
        '' as definition_version,
        n_reported as n_observations,
        n_listed as n_eligible,
        n_reported as n_measured,
        n_listed as n_expected,
    from units
),

-- on a day on which nearly no school told anything there is no figure
untold as (
    select
        days.school_year,
        days.on_date,
        'district' as unit_type,
        any_value(district.district_id) as unit_id,
        'all' as group_set_id,
        'all' as group_id,
        if(any_value(district.weight_source) is null, 'unweighted_school_mean', 'weighted_share') as estimator,
        '' as definition_version,
        0 as n_observations,
        count(*) as n_eligible,
        0 as n_measured,
        count(*) as n_expected,
        'closed_or_not_reported' as known_reason,
    from {{ ref('int_attendance__count_days') }} as days
    inner join periods on days.on_date = cast(periods.period_id as date)
    cross join {{ ref('stg_declared__district') }} as district
    where days.day_state = 'closed_or_not_reported'
    group by days.school_year, days.on_date
),

day_figures as (
    select * from of_places
    union all by name
    select * from untold
)

select * from day_figures
