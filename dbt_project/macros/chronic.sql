-- Say whether the parts missed of so many are chronic: days, a rounded rate of attendance, or a share of the parts.
{% macro is_chronic(parts) -%}
    case
        when tests_days then absent_parts >= n_absent_days * {{ var('day_parts') }} + above_test
        when tests_rounded
            then
                (2 * test_denominator * ({{ parts }} - absent_parts) + {{ parts }}) // (2 * {{ parts }})
                <= test_numerator - above_test
        else absent_parts * test_denominator >= {{ parts }} * test_numerator + above_test
    end
{%- endmacro %}

-- Select, as the CTEs stays and unit_pieces, what each school and the district have of the pieces of the CTE
-- student_pieces, which is read twice: of a large district it is better not materialized.
{% macro unit_pieces() -%}
stays as (
    select * from {{ ref('int_attendance__stays') }}
),

unit_pieces as (
    select
        pieces.*,
        stays.student_unit_no,
    from student_pieces as pieces
    inner join stays on pieces.stay_no = stays.stay_no
    union all by name
    select
        pieces.*
        replace (
            if(pieces.is_beside, 0, pieces.n_member_days) as n_member_days,
            if(pieces.is_beside, 0, pieces.n_unmeasured_days) as n_unmeasured_days
        ),
        stays.district_unit_no as student_unit_no,
    from student_pieces as pieces
    inner join stays on pieces.stay_no = stays.stay_no
    where pieces.is_owner and stays.district_unit_no is not null
)
{%- endmacro %}

-- Judge, as the last CTE judged, the sums of students in a relation by each definition.
{% macro judged_stays(sums) -%}
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

stays as (
    select
        sums.school_year,
        sums.week_no,
        sums.student_unit_no,
        units.unit_no,
        units.is_whole,
        units.student_no,
        sums.n_member_days,
        sums.member_parts,
        sums.measured_parts,
        case when profiles.counts_present then sums.member_parts else sums.measured_parts end as tested_parts,
        case profiles.side_no when 0 then sums.absent_parts_0 else sums.absent_parts_1 end as absent_parts,
        coalesce(earlier.combination_no, units.combination_no) as combination_no,
        profiles.* exclude (pair_no, side_no, grades, is_for_schools, counts_present)
        replace (coalesce(minimums.min_member_days, profiles.min_member_days) as min_member_days),
        leavers.student_no is not null as has_left,
    from {{ sums }} as sums
    inner join profiles on sums.pair_no = profiles.pair_no
    inner join {{ ref('int_attendance__student_units') }} as units on sums.student_unit_no = units.student_unit_no
    left join {{ ref('int_groups__earlier_combinations') }} as earlier
        on
            units.student_no = earlier.student_no
            and sums.school_year = earlier.school_year
            and sums.week_no = earlier.week_no
    left join {{ ref('int_attendance__profile_minimums') }} as minimums
        on profiles.profile_id = minimums.profile_id and units.unit_no = minimums.unit_no
    left join {{ ref('int_attendance__profile_leavers') }} as leavers
        on
            profiles.profile_id = leavers.profile_id
            and sums.school_year = leavers.school_year
            and sums.week_no = leavers.week_no
            and units.unit_no = leavers.unit_no
            and units.student_no = leavers.student_no
    where
        (units.unit_no > 0 or not profiles.is_for_schools)
        and (profiles.grades is null or list_contains(string_split(profiles.grades, ','), units.grade))
),

judged as (
    select
        *,
        case
            when n_member_days < min_member_days + above_min or has_left then 'not_eligible'
            when
                tested_parts = 0
                or tested_parts * measured_share_denominator < member_parts * measured_share_numerator
                then 'unmeasured'
            when tested_parts - absent_parts < min_attended_days * {{ var('day_parts') }} then 'not_eligible'
            when {{ is_chronic('tested_parts') }} then 'flagged'
            else 'not_flagged'
        end as result,
    from stays
)
{%- endmacro %}

-- Select, as the CTE followed, results by grain: judged in the district, a result follows the student into each school.
{% macro followed(results, person) -%}
followed as (
    select * from {{ results }}
    where grain <> 'district' or is_whole or unit_no = 0
    union all
    select stays.* replace (whole.result as result)
    from {{ results }} as stays
    inner join {{ results }} as whole using (school_year, week_no, profile_id, {{ person }})
    where stays.grain = 'district' and not stays.is_whole and stays.unit_no > 0 and whole.unit_no = 0
)
{%- endmacro %}

-- Count, as the last CTE summed, the results of students in a relation by unit and combination of groups.
{% macro counted_units(flags) -%}
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
    from {{ flags }}
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

{{ followed('defined', 'mover_no') }},

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
        coalesce(sum(n_students) filter (result in ('flagged', 'recoverable')), 0) as n_flagged,
        coalesce(sum(n_students) filter (result = 'recoverable'), 0) as n_recoverable,
        coalesce(sum(n_students) filter (result in ('flagged', 'recoverable', 'not_flagged')), 0) as n_judged,
        sum(n_students) as n_eligible,
        sum(measured_parts) as measured_parts,
        sum(member_parts) as member_parts,
        -- as people they count once
        coalesce(sum(n_students) filter (result in ('flagged', 'recoverable', 'not_flagged') and mover_no is not null), 0)
        - count(distinct mover_no) filter (result in ('flagged', 'recoverable', 'not_flagged')) as n_repeated,
    from units
    where result <> 'not_eligible'
    group by school_year, week_no, profile_id, unit_no, combination_no, is_duplicated
)
{%- endmacro %}

-- Select, as the last CTE judged_people, the students of a relation of results who were judged, in each school and the district.
{% macro judged_people(flags) -%}
flags as (
    select
        flags.*,
        profiles.grain,
    from {{ flags }} as flags
    inner join {{ ref('stg_declared__profiles') }} as profiles on flags.profile_id = profiles.profile_id
    where profiles.measure_id = 'chronic_absence'
),

{{ followed('flags', 'student_no') }},

judged_people as (
    select distinct
        school_year,
        week_no,
        profile_id,
        unnest(if(grain = 'school' and not is_whole, [unit_no, 0], [unit_no])) as unit_no,
        is_whole,
        student_no,
    from followed
    where result in ('flagged', 'recoverable', 'not_flagged') and not (grain = 'school' and unit_no = 0)
)
{%- endmacro %}
