{{ config(materialized='view') }}
{%- set judged = "result in ('flagged', 'not_flagged')" %}
with

-- students of several schools one by one, all others together
counted as (
    select
        school_year,
        week_no,
        profile_id,
        combination_no,
        unit_no,
        is_whole,
        case when not is_whole then student_no end as mover_no,
        result,
        count(*) as n_students,
        sum(measured_parts) as measured_parts,
        sum(member_parts) as member_parts,
    from {{ ref('int_attendance__profile_flags') }}
    group by school_year, week_no, profile_id, combination_no, unit_no, is_whole, mover_no, result
),

profiles as (
    select
        profile_id,
        definition_version,
        grain,
    from {{ ref('stg_declared__profiles') }}
    where measure_id = 'chronic_absence'
),

defined as (
    select
        counted.*,
        profiles.definition_version,
        profiles.grain,
    from counted
    inner join profiles on counted.profile_id = profiles.profile_id
),

-- judged in the district: the result follows the student into each school
followed as (
    select * from defined
    where grain <> 'district' or is_whole or unit_no = 0
    union all
    select stays.* replace (whole.result as result)
    from defined as stays
    inner join defined as whole using (school_year, week_no, profile_id, mover_no)
    where stays.grain = 'district' and stays.unit_no > 0 and whole.unit_no = 0
),

units as (
    select
        *,
        false as is_duplicated,
    from followed
    union all
    select
        * replace (0 as unit_no),
        false as is_duplicated,
    from followed
    where is_whole and grain <> 'school'
    union all
    -- judged in each school, the district adds its schools
    select
        * replace (0 as unit_no),
        true as is_duplicated,
    from followed
    where unit_no > 0 and grain = 'school'
),

summed as (
    select
        school_year,
        week_no,
        profile_id,
        any_value(definition_version) as definition_version,
        unit_no,
        combination_no,
        is_duplicated,
        coalesce(sum(n_students) filter (result = 'flagged'), 0) as n_flagged,
        coalesce(sum(n_students) filter ({{ judged }}), 0) as n_judged,
        sum(n_students) as n_eligible,
        sum(measured_parts) as measured_parts,
        sum(member_parts) as member_parts,
        -- as people they count once
        coalesce(sum(n_students) filter ({{ judged }} and mover_no is not null), 0)
        - count(distinct mover_no) filter ({{ judged }}) as n_repeated,
    from units
    where result <> 'not_eligible'
    group by school_year, week_no, profile_id, unit_no, combination_no, is_duplicated
),

profile_counts as (
    select
        summed.* exclude (week_no, unit_no, n_repeated),
        periods.period_kind,
        periods.period_id,
        units.unit_type,
        units.unit_id,
        summed.n_judged - case when summed.is_duplicated then summed.n_repeated else 0 end as n_people,
    from summed
    inner join {{ ref('int_attendance__grown_periods') }} as periods
        on summed.school_year = periods.school_year and summed.week_no = periods.week_no
    inner join {{ ref('int_attendance__units') }} as units on summed.unit_no = units.unit_no
)

select * from profile_counts
