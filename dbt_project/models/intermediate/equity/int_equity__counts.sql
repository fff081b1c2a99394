with

shares as (
    select * from {{ ref('msr_chronic_absence') }}
    union all by name
    select * from {{ ref('msr_response_rate') }}
    where estimator = 'gross'
),

-- of a figure that grows through the year, where it stands now
counted as (
    select *
    from shares
    where value is not null
    qualify
        period_kind <> 'year_to_date'
        or period_ends_on = max(period_ends_on) over (
            partition by measure_id, profile_id, school_year, period_kind, unit_type, unit_id
        )
),

everybody as (
    select * from counted
    where group_set_id = 'all'
),

district as (
    select * from everybody
    where unit_type = 'district'
),

groups as (
    select distinct
        group_set_id,
        group_id,
        reference,
        screen_json,
        state_json,
    from {{ ref('dim_groups') }}
),

counts as (
    select
        counted.measure_id,
        counted.profile_id,
        counted.school_year,
        counted.period_kind,
        counted.period_id,
        counted.unit_type,
        counted.unit_id,
        counted.group_set_id,
        counted.group_id,
        counted.subject_id,
        counted.estimator,
        cast(counted.numerator as bigint) as numerator,
        cast(counted.denominator as bigint) as denominator,
        cast(everybody.numerator as bigint) as all_numerator,
        cast(everybody.denominator as bigint) as all_denominator,
        cast(coalesce(district.numerator, everybody.numerator) as bigint) as district_numerator,
        cast(coalesce(district.denominator, everybody.denominator) as bigint) as district_denominator,
        coalesce(groups.reference, 'all_others') as reference,
        groups.screen_json,
        groups.state_json,
    from counted
    inner join everybody
        on
            counted.measure_id = everybody.measure_id
            and counted.profile_id = everybody.profile_id
            and counted.school_year = everybody.school_year
            and counted.period_kind = everybody.period_kind
            and counted.period_id = everybody.period_id
            and counted.unit_type = everybody.unit_type
            and counted.unit_id = everybody.unit_id
            and counted.subject_id = everybody.subject_id
    left join district
        on
            counted.measure_id = district.measure_id
            and counted.profile_id = district.profile_id
            and counted.school_year = district.school_year
            and counted.period_kind = district.period_kind
            and counted.period_id = district.period_id
            and counted.subject_id = district.subject_id
    left join groups on counted.group_set_id = groups.group_set_id and counted.group_id = groups.group_id
    where counted.group_set_id <> 'all'
)

select * from counts
