{{ config(materialized='view') }}
with

flags as (
    select
        flags.*,
        combinations.combination_no,
    from {{ ref('int_attendance__profile_flags') }} as flags
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on flags.student_no = combinations.student_no and flags.school_year = combinations.school_year
    where flags.result <> 'not_eligible'
),

counted as (
    select
        school_year,
        period_kind,
        period_id,
        profile_id,
        definition_version,
        grain,
        unit_type,
        unit_id,
        combination_no,
        count(*) filter (result = 'flagged') as n_flagged,
        count(*) filter (result <> 'unmeasured') as n_judged,
        count(*) as n_eligible,
        sum(measured_parts) as measured_parts,
        sum(member_parts) as member_parts,
    from flags
    group by
        school_year, period_kind, period_id, profile_id, definition_version, grain, unit_type, unit_id, combination_no
),

-- students of several schools are judged in each; as people they count once
movers as (
    select
        student_no,
        school_year,
    from {{ ref('int_enrollment__spans') }}
    group by student_no, school_year
    having count(distinct school_id) > 1
),

repeated as (
    select
        flags.school_year,
        flags.period_kind,
        flags.period_id,
        flags.profile_id,
        flags.combination_no,
        count(*) - count(distinct flags.student_no) as n_repeated,
    from flags
    inner join movers on flags.student_no = movers.student_no and flags.school_year = movers.school_year
    where flags.grain = 'school' and flags.result <> 'unmeasured'
    group by flags.school_year, flags.period_kind, flags.period_id, flags.profile_id, flags.combination_no
),

schools_added as (
    select
        counted.school_year,
        counted.period_kind,
        counted.period_id,
        counted.profile_id,
        counted.definition_version,
        counted.grain,
        'district' as unit_type,
        district.district_id as unit_id,
        counted.combination_no,
        sum(counted.n_flagged) as n_flagged,
        sum(counted.n_judged) as n_judged,
        sum(counted.n_eligible) as n_eligible,
        sum(counted.measured_parts) as measured_parts,
        sum(counted.member_parts) as member_parts,
    from counted
    cross join {{ ref('stg_declared__district') }} as district
    where counted.grain = 'school'
    group by
        counted.school_year, counted.period_kind, counted.period_id, counted.profile_id, counted.definition_version,
        counted.grain, district.district_id, counted.combination_no
),

profile_counts as (
    select
        *,
        n_judged as n_people,
        false as is_duplicated,
    from counted
    union all by name
    select
        added.*,
        added.n_judged - coalesce(repeated.n_repeated, 0) as n_people,
        true as is_duplicated,
    from schools_added as added
    left join repeated
        on
            added.school_year = repeated.school_year
            and added.period_kind = repeated.period_kind
            and added.period_id = repeated.period_id
            and added.profile_id = repeated.profile_id
            and added.combination_no = repeated.combination_no
)

select * from profile_counts
