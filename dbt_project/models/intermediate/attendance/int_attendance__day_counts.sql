{{ config(materialized='view') }}
with

touched as (
    select * from {{ ref('int_changes__touched_day_figures') }}
    where is_complete
),

ways as (
    select * from {{ ref('int_attendance__day_bases') }}
    where basis_no = 0
),

-- whose stay, where and in which groups: known once for each stay, before millions of days meet it
stays as materialized (
    select
        stays.stay_no,
        students.student_no,
        students.unit_no,
        students.school_year,
        students.combination_no,
    from {{ ref('int_attendance__stays') }} as stays
    inner join {{ ref('int_attendance__student_units') }} as students
        on stays.student_unit_no = students.student_unit_no
    where students.school_year in (select touched.school_year from touched)
),

-- not kept: of a large district it would be a copy of the year
days as not materialized (
    select
        days.school_year,
        days.on_date,
        stays.student_no,
        stays.unit_no,
        coalesce(earlier.combination_no, stays.combination_no) as combination_no,
        days.is_owner,
        days.overlap_state,
        days.member_parts,
        days.day_state <> 'not_submitted' as is_measured,
        {% for category in absence_categories() -%}
            {{ '+ ' if not loop.first }}if(ways.counts_{{ category }}, coalesce(days.{{ category }}_parts, 0), 0)
        {% endfor %}
            as absent_parts,
    from {{ ref('int_attendance__member_days') }} as days
    semi join touched on days.school_year = touched.school_year and days.on_date = touched.on_date
    inner join stays on days.stay_no = stays.stay_no and days.school_year = stays.school_year
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            stays.student_no = earlier.student_no
            and days.school_year = earlier.school_year
            and days.on_date = earlier.ends_on
    cross join ways
    where days.day_state <> 'not_yet'
),

-- whose day two schools share: in the district one person, told by the rows of both
shared as materialized (
    select distinct
        student_no,
        on_date,
    from days
    where overlap_state = 'beside'
),

shared_people as (
    select
        days.school_year,
        days.on_date,
        days.combination_no,
        count(distinct days.student_no) as n_people,
    from days
    inner join shared on days.student_no = shared.student_no and days.on_date = shared.on_date
    where days.is_owner and days.is_measured and days.member_parts > 0
    group by all
),

counted as (
    select
        days.school_year,
        days.on_date,
        days.unit_no,
        days.combination_no,
        days.is_owner,
        days.overlap_state = 'beside' as is_beside,
        shared.student_no is not null as is_shared,
        count(*) filter (days.is_measured and days.member_parts > 0) as n_people,
        count(*) filter (days.is_measured) as n_observations,
        count(*) as n_eligible,
        sum(days.member_parts) as n_expected,
        coalesce(sum(days.member_parts) filter (days.is_measured), 0) as n_measured,
        coalesce(sum(days.absent_parts) filter (days.is_measured), 0) as absent_parts,
    from days
    left join shared on days.student_no = shared.student_no and days.on_date = shared.on_date
    group by all
),

day_counts as (
    select * exclude (is_owner, is_beside, is_shared) from counted
    union all by name
    select
        * exclude (is_owner, is_beside, is_shared)
        replace (
            0 as unit_no,
            if(is_shared, 0, n_people) as n_people,
            if(is_beside, 0, n_observations) as n_observations,
            if(is_beside, 0, n_eligible) as n_eligible
        ),
    from counted
    where is_owner
    union all by name
    select
        *,
        0 as unit_no,
        0 as n_observations,
        0 as n_eligible,
        0 as n_expected,
        0 as n_measured,
        0 as absent_parts,
    from shared_people
)

select * from day_counts
