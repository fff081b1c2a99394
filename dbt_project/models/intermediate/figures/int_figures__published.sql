{{ config(materialized='view') }}
with

readers as (
    select * from {{ ref('int_audiences__readers') }}
),

held as (
    select
        readers.audience_id,
        readers.reader_unit_id,
        readers.share = 'words' as is_worded,
        readers.share = 'whole_percent' and readers.count = 'band' as is_capping,
        figures.*,
        figures.counted_kind = 'persons'
        and case readers.count
            when 'exact' then false
            when 'own_exact' then not readers.is_own
            when 'exact_by_level' then figures.unit_type <> 'district' and figures.group_set_id <> 'all'
            else true
        end as is_banded,
    from {{ ref('int_figures__shown') }} as figures
    inner join readers on figures.unit_id = readers.unit_id
    where readers.is_told_figures
),

told as (
    select
        *,
        case
            when shown_as <> 'exact' or counted_kind <> 'persons' then shown_as
            when value_unit = 'students' and is_banded then 'band'
            when value_unit = 'share' and is_worded then 'words'
            when value_unit = 'share' and is_capping and cap is not null then 'capped'
            else shown_as
        end as told_as,
    from held
),

published as (
    select
        is_worded or is_capping as is_coarse,
        told.* exclude (is_worded, is_capping, is_banded, told_as, band_text, band_low, band_high, cap, was_capped)
        replace (
            told_as as shown_as,
            case when told_as = shown_as then value end as value,
            case told_as
                when 'band' then band_text
                when 'words' then {{ share_words('value') }}
                when 'capped' then if(cap > 0, '>', '<') || abs(cap) || '%'
                else value_text
            end as value_text,
            case told_as
                when 'band' then band_low
                when 'words' then round(greatest(round(value, 1) - 0.05, 0), 2)
                when 'capped' then greatest(cap, 0) / 100.0
            end as value_low,
            case told_as
                when 'band' then band_high
                when 'words' then round(least(round(value, 1) + 0.05, 1), 2)
                when 'capped' then if(cap > 0, 100, -cap) / 100.0
            end as value_high,
            case
                when not is_banded then n_text
                when district.shown_counts = 'all' or (district.shown_counts = 'totals' and group_set_id = 'all')
                    then band_text
            end as n_text,
            case when told_as = shown_as then interval_low end as interval_low,
            case when told_as = shown_as then interval_high end as interval_high,
            case when told_as = shown_as then gap_to_expected end as gap_to_expected,
            case when told_as = shown_as and not (is_capping and was_capped) then change end as change,
            case when told_as = shown_as and not (is_capping and was_capped) then change_from end as change_from
        ),
    from told
    cross join {{ ref('stg_declared__district') }} as district
)

select * from published
