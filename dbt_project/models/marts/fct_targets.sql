with

lines as (
    select
        targets.*,
        units.unit_id as of_unit_id,
        coalesce(groups.group_set_id, 'all') as group_set_id,
        case when indicators.direction = 'lower' then 0 else 1 end as bound,
        coalesce(targets.ends_year, targets.begins_year + targets.n_years) as last_year,
        max(targets.ends_year) over step as final_year,
        arg_max(targets.ends_numerator / targets.ends_denominator, targets.ends_year) over step as final_step,
    from {{ ref('stg_declared__targets') }} as targets
    inner join {{ ref('stg_declared__indicators') }} as indicators on targets.indicator_id = indicators.indicator_id
    inner join {{ ref('dim_units') }} as units
        on targets.unit_type = units.unit_type and coalesce(targets.unit_id, units.unit_id) = units.unit_id
    left join {{ ref('dim_groups') }} as groups on targets.group_id = groups.group_id
    -- a line that begins under another definition leads nowhere
    left join {{ ref('dim_profiles') }} as definitions
        on indicators.profile_id = definitions.profile_id and indicators.measure_id = definitions.measure_id
    where coalesce(targets.begins_year >= definitions.first_year, true)
    window step as (partition by targets.indicator_id, targets.target_no, units.unit_id)
    qualify
        rank() over (
            partition by targets.indicator_id, units.unit_type, units.unit_id, targets.group_id
            order by targets.unit_id is null, targets.target_no desc
        ) = 1
),

-- the official value of the year before, where enough people stand behind it
sealed as (
    select
        lines.* exclude (begins_year, begins_numerator, begins_denominator, last_year),
        figures.school_year as begins_year,
        figures.numerator as begins_numerator,
        figures.denominator as begins_denominator,
        figures.school_year + 1 as school_year,
        figures.school_year + 1 as last_year,
    from lines
    inner join {{ ref('stg_declared__indicators') }} as indicators on lines.indicator_id = indicators.indicator_id
    inner join {{ source('landed', 'sealed_figures') }} as figures
        on
            row(indicators.measure_id, indicators.profile_id, indicators.subject_id, indicators.estimator)
            = row(figures.measure_id, figures.profile_id, figures.subject_id, figures.estimator)
            and row(lines.of_unit_id, lines.group_set_id, lines.group_id)
            = row(figures.unit_id, figures.group_set_id, figures.group_id)
            and indicators.period_kind = figures.period_kind
            and figures.snapshot_id = 'final_' || figures.school_year
    left join {{ ref('int_figures__definitions') }} as definitions
        on
            row(figures.period_id, figures.school_year, figures.subject_id)
            = row(definitions.window_id, definitions.school_year, definitions.subject_id)
    cross join {{ ref('stg_declared__district') }} as district
    where
        lines.method = 'safe_harbor'
        and figures.n_people >= district.n_min
        and figures.denominator > 0
        and figures.school_year < coalesce(definitions.next_year, 9999)
    qualify
        row_number() over (
            partition by lines.indicator_id, lines.of_unit_id, lines.group_id, figures.school_year
            order by figures.period_ends_on desc
        ) = 1
),

years as (
    select
        lines.*,
        unnest(
            range(
                case when lines.method = 'steps' then lines.ends_year else lines.begins_year + 1 end,
                if(lines.last_year < lines.final_year, lines.last_year, greatest(lines.last_year, known.last_year)) + 1
            )
        ) as school_year,
    from lines
    cross join (select max(school_year) as last_year from {{ ref('int_calendar__dates') }}) as known
    where lines.method <> 'safe_harbor'
    union all by name
    select * from sealed
),

fractions as (
    select
        *,
        least(school_year, last_year) - begins_year as n_passed,
        last_year - begins_year as n_whole,
        case method
            when 'steps' then ends_numerator
            when 'linear'
                then
                    begins_numerator * ends_denominator * (n_whole - n_passed)
                    + ends_numerator * begins_denominator * n_passed
            when 'safe_harbor'
                then
                    begins_numerator * (rate_denominator - rate_numerator)
                    + bound * begins_denominator * rate_numerator
            else begins_numerator * (2 * n_whole - n_passed) + bound * begins_denominator * n_passed
        end as target_numerator,
        case method
            when 'steps' then ends_denominator
            when 'linear' then begins_denominator * ends_denominator * n_whole
            when 'safe_harbor' then begins_denominator * rate_denominator
            else begins_denominator * 2 * n_whole
        end as target_denominator,
    from years
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
        cast(begins_year as integer) as begins_year,
        begins_numerator / begins_denominator as baseline,
        cast(target_numerator as bigint) as target_numerator,
        cast(target_denominator as bigint) as target_denominator,
        target_numerator / target_denominator as target,
        case method
            when 'safe_harbor' then target_numerator / target_denominator
            when 'gap_halving' then (begins_numerator + bound * begins_denominator) / (2 * begins_denominator)
            else final_step
        end as final_target,
        cast(coalesce(final_year, last_year) as integer) as final_year,
    from fractions
)

select * from fct_targets
