with

indicators as (
    select * from {{ ref('stg_declared__indicators') }}
),

units as (
    select * from {{ ref('dim_units') }}
),

lines as (
    select
        targets.*,
        units.unit_id as of_unit_id,
        coalesce(groups.group_set_id, 'all') as group_set_id,
        case when indicators.direction = 'lower' then 0 else 1 end as bound,
        case when targets.method = 'linear' then targets.ends_year else targets.begins_year + targets.n_years end
            as last_year,
    from {{ ref('stg_declared__targets') }} as targets
    inner join indicators on targets.indicator_id = indicators.indicator_id
    inner join units
        on targets.unit_type = units.unit_type and coalesce(targets.unit_id, units.unit_id) = units.unit_id
    left join {{ ref('dim_groups') }} as groups on targets.group_id = groups.group_id
    qualify
        row_number() over (
            partition by targets.indicator_id, units.unit_type, units.unit_id, targets.group_id
            order by targets.unit_id is null, targets.target_no desc
        ) = 1
),

years as (
    select
        lines.*,
        unnest(range(lines.begins_year + 1, greatest(lines.last_year, known.last_year) + 1)) as school_year,
    from lines
    cross join (select max(school_year) as last_year from {{ ref('int_calendar__dates') }}) as known
),

steps as (
    select
        *,
        least(school_year, last_year) - begins_year as n_passed,
        last_year - begins_year as n_years_whole,
    from years
),

fractions as (
    select
        *,
        case method
            when 'linear'
                then
                    begins_numerator * ends_denominator * (n_years_whole - n_passed)
                    + ends_numerator * begins_denominator * n_passed
            else begins_numerator * (2 * n_years_whole - n_passed) + bound * begins_denominator * n_passed
        end as target_numerator,
        case method
            when 'linear' then begins_denominator * ends_denominator * n_years_whole
            else begins_denominator * 2 * n_years_whole
        end as target_denominator,
        coalesce(ends_numerator, begins_numerator + bound * begins_denominator) as final_numerator,
        coalesce(ends_denominator, 2 * begins_denominator) as final_denominator,
    from steps
),

fct_targets as (
    select
        indicator_id,
        unit_type,
        of_unit_id as unit_id,
        group_set_id,
        group_id,
        cast(school_year as integer) as school_year,
        method,
        begins_numerator / begins_denominator as baseline,
        cast(target_numerator as bigint) as target_numerator,
        cast(target_denominator as bigint) as target_denominator,
        target_numerator / target_denominator as target,
        final_numerator / final_denominator as final_target,
        cast(last_year as integer) as final_year,
    from fractions
)

select * from fct_targets
