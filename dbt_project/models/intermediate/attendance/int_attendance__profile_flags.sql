{{ config(materialized='view') }}
with

district as (
    select * from {{ ref('stg_declared__district') }}
),

profiles as (
    select
        profiles.profile_id,
        profiles.grain = 'school' as is_for_schools,
        profiles.grades,
        profiles.min_member_days,
        cast(profiles.min_op = '>' as integer) as above_min,
        profiles.min_attended_days,
        profiles.missing_days_rule = 'count_present' as counts_present,
        profiles.test_kind = 'absent_days' as tests_days,
        profiles.test_kind = 'rounded' as tests_rounded,
        profiles.test_numerator,
        profiles.test_denominator,
        cast(profiles.test_op = '>' as integer) as above_test,
        profiles.n_absent_days,
        bases.pair_no,
        bases.side_no,
        district.measured_share_numerator,
        district.measured_share_denominator,
    from {{ ref('stg_declared__profiles') }} as profiles
    inner join {{ ref('int_attendance__day_bases') }} as bases on {{ basis_id('profiles') }} = bases.basis_id
    cross join district
    where profiles.measure_id = 'chronic_absence'
),

students as (
    select
        spans.student_no,
        spans.school_year,
        combinations.combination_no,
        arg_max(spans.grade, (spans.entered_on, spans.is_primary, -spans.tie_no)) as grade,
    from {{ ref('int_enrollment__spans') }} as spans
    inner join {{ ref('int_groups__student_combinations') }} as combinations
        on spans.student_no = combinations.student_no and spans.school_year = combinations.school_year
    group by spans.student_no, spans.school_year, combinations.combination_no
),

stays as (
    select
        units.school_year,
        units.week_no,
        units.unit_no,
        units.is_whole,
        units.student_no,
        units.n_member_days,
        units.member_parts,
        units.measured_parts,
        case when profiles.counts_present then units.member_parts else units.measured_parts end as tested_parts,
        case profiles.side_no when 0 then units.absent_parts_0 else units.absent_parts_1 end as absent_parts,
        students.combination_no,
        profiles.* exclude (pair_no, side_no, grades, is_for_schools, counts_present)
        replace (coalesce(minimums.min_member_days, profiles.min_member_days) as min_member_days),
        leavers.student_no is not null as has_left,
    from {{ ref('int_attendance__student_years') }} as units
    inner join profiles on units.pair_no = profiles.pair_no
    inner join students on units.student_no = students.student_no and units.school_year = students.school_year
    left join {{ ref('int_attendance__profile_minimums') }} as minimums
        on profiles.profile_id = minimums.profile_id and units.unit_no = minimums.unit_no
    left join {{ ref('int_attendance__profile_leavers') }} as leavers
        on
            profiles.profile_id = leavers.profile_id
            and units.school_year = leavers.school_year
            and units.week_no = leavers.week_no
            and units.unit_no = leavers.unit_no
            and units.student_no = leavers.student_no
    where
        (units.unit_no > 0 or not profiles.is_for_schools)
        and (profiles.grades is null or list_contains(string_split(profiles.grades, ','), students.grade))
),

profile_flags as (
    select
        school_year,
        week_no,
        profile_id,
        unit_no,
        is_whole,
        student_no,
        combination_no,
        measured_parts,
        member_parts,
        case
            when n_member_days < min_member_days + above_min or has_left then 'not_eligible'
            when
                tested_parts = 0
                or tested_parts * measured_share_denominator < member_parts * measured_share_numerator
                then 'unmeasured'
            when tested_parts - absent_parts < min_attended_days * {{ var('day_parts') }} then 'not_eligible'
            when case
                when tests_days then absent_parts >= n_absent_days * {{ var('day_parts') }} + above_test
                when tests_rounded
                    then
                        (2 * test_denominator * (tested_parts - absent_parts) + tested_parts) // (2 * tested_parts)
                        <= test_numerator - above_test
                else absent_parts * test_denominator >= tested_parts * test_numerator + above_test
            end then 'flagged'
            else 'not_flagged'
        end as result,
    from stays
)

select * from profile_flags
