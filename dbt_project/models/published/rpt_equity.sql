{% set told = "judged.is_told and figures.shown_as = 'exact' and (judged.is_open or not figures.is_coarse)" %}
with

shown as (
    select
        *,
        shown_as = 'exact' as is_shown,
        shown_as = 'exact' and cap is null as is_open,
    from {{ ref('int_figures__shown') }}
    where measure_id in ('chronic_absence', 'response_rate')
),

compared as (
    select
        *,
        case when reference_id = 'district' then 'district' else unit_type end as reference_unit_type,
        case when reference_id in ('district', 'all_others') then 'all' else reference_id end as reference_group_id,
    from {{ ref('fct_equity') }}
    where measure_id in ('chronic_absence', 'response_rate')
),

-- a ratio would tell a reference that is hidden
judged as (
    select
        compared.*,
        coalesce(bool_and(reference.is_shown), false) as is_told,
        coalesce(bool_and(reference.is_open), false) as is_open,
    from compared
    left join shown as reference
        on
            row({{ equity_place('compared') }}) = row({{ equity_place('reference') }})
            and compared.school_year = reference.school_year
            and compared.period_id = reference.period_id
            and compared.reference_unit_type = reference.unit_type
            and (compared.reference_id = 'district' or compared.unit_id = reference.unit_id)
            and compared.reference_group_id = reference.group_id
            and reference.group_set_id in ('all', compared.group_set_id)
    group by all
),

sets as (
    select
        {{ equity_place() }},
        unit_id,
        group_set_id,
        school_year,
        period_id,
        bool_and(is_shown) as is_whole,
    from shown
    group by all
),

splits as (
    select
        split.* exclude (from_year, from_period_id, to_year, to_period_id),
        split.to_year as school_year,
        split.to_period_id as period_id,
    from {{ ref('fct_composition_split') }} as split
    inner join sets as now using ({{ equity_place() }}, unit_id, group_set_id)
    inner join sets as old using ({{ equity_place() }}, unit_id, group_set_id)
    where
        row(split.to_year, split.to_period_id, true) = row(now.school_year, now.period_id, now.is_whole)
        and row(split.from_year, split.from_period_id, true) = row(old.school_year, old.period_id, old.is_whole)
),

equity as (
    select
        {{ figure_block('figures') }}
        judged.reference_id,
        case judged.reference_id
            when 'all_others' then 'Everyone else' when 'district' then 'The district'
            else coalesce(groups.label_en, 'Its reference')
        end as reference_label,
        {%- for column in ['ratio', 'ratio_low', 'ratio_high', 'gap', 'gap_low', 'gap_high'] %}
            {%- set number = shown_number('judged.' ~ column, "'ratio'") %}
            case when {{ told }} then {{ number }} end as {{ column }},
        {%- endfor %}
        case when {{ told }} then judged.ratio_reason end as ratio_reason,
        case when {{ told }} then judged.is_enough end as is_enough,
        case when not figures.is_coarse then {{ shown_number('splits.mix', "'share'") }} end as mix,
        case when not figures.is_coarse then {{ shown_number('splits.rate', "'share'") }} end as rate,
    from {{ ref('int_figures__published') }} as figures
    inner join judged
        using ({{ equity_place() }}, school_year, period_id, unit_type, unit_id, group_set_id, group_id)
    left join {{ ref('dim_groups') }} as groups
        on judged.group_set_id = groups.group_set_id and judged.reference_id = groups.group_id
    left join splits using ({{ equity_place() }}, school_year, period_id, unit_id, group_set_id)
)

select * from equity
