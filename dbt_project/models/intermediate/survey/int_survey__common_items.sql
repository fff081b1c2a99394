{{ config(materialized='view') }}
with

pairs as (
    select * from {{ ref('int_survey__pairs') }}
    where not is_same_edition
),

scale_items as (
    select
        scale_items.instrument_id,
        scale_items.edition,
        scale_items.scale_id,
        scale_items.item_id,
        count(*) over (
            partition by scale_items.instrument_id, scale_items.edition, scale_items.scale_id
        ) as n_scale_items,
        items.option_set_id,
    from {{ ref('stg_declared__scale_items') }} as scale_items
    inner join {{ ref('stg_declared__items') }} as items using (instrument_id, edition, item_id)
),

options as (
    select
        instrument_id,
        edition,
        option_set_id,
        count(*) filter (counts_as is null and try_cast(option_value as integer) is not null) as n_options,
    from {{ ref('stg_declared__options') }}
    group by instrument_id, edition, option_set_id
),

former_scales as (
    select distinct
        instrument_id,
        edition,
        scale_id,
        n_scale_items,
    from scale_items
),

crossed as (
    select
        pairs.slot,
        pairs.earlier_slot,
        later.scale_id,
        later.item_id,
        former.item_id as earlier_item_id,
        later.n_scale_items,
        former_scales.n_scale_items as n_former_items,
        later_options.n_options = former_options.n_options as is_same_options,
    from pairs
    inner join scale_items as later
        on pairs.instrument_id = later.instrument_id and pairs.edition = later.edition
    left join {{ ref('stg_declared__crosswalk') }} as lines
        on
            later.instrument_id = lines.instrument_id
            and later.edition = lines.edition
            and later.item_id = lines.item_id
            and pairs.earlier_edition = lines.earlier_edition
            and lines.match = 'exact'
    left join {{ ref('stg_declared__items') }} as former
        on
            lines.instrument_id = former.instrument_id
            and lines.earlier_edition = former.edition
            and lines.earlier_item_id = former.item_id
    left join former_scales
        on
            pairs.instrument_id = former_scales.instrument_id
            and pairs.earlier_edition = former_scales.edition
            and later.scale_id = former_scales.scale_id
    left join options as later_options
        on
            later.instrument_id = later_options.instrument_id
            and later.edition = later_options.edition
            and later.option_set_id = later_options.option_set_id
    left join options as former_options
        on
            former.instrument_id = former_options.instrument_id
            and former.edition = former_options.edition
            and former.option_set_id = former_options.option_set_id
),

common_items as (
    select
        slot,
        earlier_slot,
        scale_id,
        item_id,
        earlier_item_id,
        count(earlier_item_id) over scales as n_exact,
        greatest(n_scale_items, coalesce(n_former_items, 0)) as n_items,
        bool_and(is_same_options) over scales as is_same_options,
    from crossed
    window scales as (partition by slot, earlier_slot, scale_id)
    -- a scale that is new has no wave before
    qualify n_former_items is not null or count(earlier_item_id) over scales > 0
)

select * from common_items
