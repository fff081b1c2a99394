{{ config(materialized='view') }}
with

asked as (
    select * from {{ ref('int_attendance__asked_days') }}
),

periods as (
    select
        school_year,
        period_kind,
        period_id,
        cast(on_date as varchar) as piece_id,
    from asked
),

ways as (
    select * from {{ ref('int_attendance__day_bases') }}
    where basis_no = 0
),

member_days as (
    select
        asked.school_year,
        asked.period_kind,
        asked.period_id,
        asked.period_ends_on,
        days.is_owner,
        days.overlap_state,
        stays.student_no,
        stays.unit_no,
        days.member_parts,
        days.day_state <> 'not_submitted' as is_measured,
        {% for category in absence_categories() -%}
            {{ '+ ' if not loop.first }}if(ways.counts_{{ category }}, coalesce(days.{{ category }}_parts, 0), 0)
        {% endfor %}
            as absent_parts,
    from {{ ref('int_attendance__member_days') }} as days
    inner join asked on days.school_year = asked.school_year and days.on_date = asked.on_date
    inner join {{ ref('int_attendance__stays') }} as stays on days.stay_no = stays.stay_no
    cross join ways
    where days.day_state <> 'not_yet'
),

of_units as (
    select
        * exclude (is_owner, overlap_state),
        true as is_day,
    from member_days
    union all by name
    select
        * exclude (is_owner, overlap_state) replace (0 as unit_no),
        overlap_state <> 'beside' as is_day,
    from member_days
    where is_owner
),

of_students as (
    select
        school_year,
        period_kind,
        period_id,
        period_ends_on,
        unit_no,
        student_no,
        count(*) filter (is_day) as n_member_days,
        count(*) filter (is_day and is_measured) as n_observations,
        sum(member_parts) as n_expected,
        coalesce(sum(member_parts) filter (is_measured), 0) as n_measured,
        coalesce(sum(absent_parts) filter (is_measured), 0) as absent_parts,
    from of_units
    group by all
),

grouped as (
    select
        students.school_year,
        students.period_kind,
        students.period_id,
        students.unit_no,
        combinations.group_set_id,
        combinations.group_id,
        count(*) filter (students.n_measured > 0) as n_people,
        sum(students.n_observations) as n_observations,
        sum(students.n_member_days) as n_eligible,
        sum(students.n_measured) - sum(students.absent_parts) as numerator,
        sum(students.n_measured) as denominator,
        sum(students.n_measured) as n_measured,
        sum(students.n_expected) as n_expected,
    from of_students as students
    inner join {{ ref('int_groups__student_combinations') }} as whole
        on students.student_no = whole.student_no and students.school_year = whole.school_year
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            students.student_no = earlier.student_no
            and students.school_year = earlier.school_year
            and students.period_ends_on = earlier.ends_on
    inner join {{ ref('int_groups__combinations') }} as combinations
        on coalesce(earlier.combination_no, whole.combination_no) = combinations.combination_no
    group by all
),

{{ counted_schools('cast(days.on_date as varchar)') }},

of_places as (
    select
        grouped.* exclude (unit_no),
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
        * exclude (has_counts, n_reported, n_listed, expected, present, shares),
        'all' as group_set_id,
        'all' as group_id,
        '' as definition_version,
        n_reported as n_observations,
        n_listed as n_eligible,
        n_reported as n_measured,
        n_listed as n_expected,
    from units
),

asked_units as (
    select
        of_places.*,
        spans.period_starts_on,
        spans.period_ends_on,
    from of_places
    inner join (select distinct * exclude (on_date) from asked) as spans using (school_year, period_kind, period_id)
)

select * from asked_units
