{{ config(materialized='view') }}
with

profiles as (
    select
        profiles.*,
        bases.basis_no,
    from {{ ref('stg_declared__profiles') }} as profiles
    inner join {{ ref('int_attendance__day_bases') }} as bases on {{ basis_id('profiles') }} = bases.basis_id
    where profiles.measure_id = 'chronic_absence'
),

district as (
    select * from {{ ref('stg_declared__district') }}
),

grades as (
    select
        student_no,
        school_year,
        arg_max(grade, (entered_on, -tie_no)) as grade,
    from {{ ref('int_enrollment__spans') }}
    group by student_no, school_year
),

stays as (
    select
        units.* exclude (measured_parts, n_unmeasured_days),
        profiles.profile_id,
        profiles.definition_version,
        profiles.grain,
        profiles.min_member_days,
        profiles.min_op,
        profiles.test_kind,
        profiles.test_numerator,
        profiles.test_denominator,
        profiles.n_absent_days,
        case when profiles.missing_days_rule = 'count_present' then units.member_parts else units.measured_parts end
            as measured_parts,
    from {{ ref('int_attendance__student_years') }} as units
    inner join profiles on units.basis_no = profiles.basis_no
    inner join grades on units.student_no = grades.student_no and units.school_year = grades.school_year
    where
        (units.unit_type = 'school' or profiles.grain <> 'school')
        and (profiles.grades is null or list_contains(string_split(profiles.grades, ','), grades.grade))
),

judged as (
    select
        stays.*,
        case
            when
                stays.n_member_days < stays.min_member_days
                or (stays.min_op = '>' and stays.n_member_days = stays.min_member_days) then 'not_eligible'
            when
                stays.measured_parts = 0
                or stays.measured_parts * district.measured_share_denominator
                < stays.member_parts * district.measured_share_numerator then 'unmeasured'
            when case stays.test_kind
                when 'absent_days' then stays.absent_parts >= stays.n_absent_days * {{ var('day_parts') }}
                when 'rounded'
                    then
                        (
                            (20000 * (stays.measured_parts - stays.absent_parts) + stays.measured_parts)
                            // (2 * stays.measured_parts)
                        ) * stays.test_denominator
                        <= 10000 * stays.test_numerator
                else
                    stays.absent_parts * stays.test_denominator >= stays.measured_parts * stays.test_numerator
            end then 'flagged'
            else 'not_flagged'
        end as result,
    from stays
    cross join district
),

profile_flags as (
    select * from judged
    where unit_type = case grain when 'school' then 'school' when 'district' then 'district' else unit_type end
    union all by name
    -- judged in the district: the result follows the student into each school
    select stays.* replace (whole.result as result)
    from judged as stays
    inner join judged as whole using (school_year, period_kind, period_id, profile_id, student_no)
    where stays.grain = 'district' and stays.unit_type = 'school' and whole.unit_type = 'district'
)

select * from profile_flags
