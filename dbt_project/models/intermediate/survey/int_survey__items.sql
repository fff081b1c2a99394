{{ config(materialized='view') }}
with

items as (
    select
        windows.slot,
        declared.item_id,
        declared.item_no,
        declared.option_set_id,
        declared.is_scored and not declared.is_multi as is_scored,
        declared.is_reversed,
        declared.present_if_item,
        declared.present_if_values,
        windows.missing_codes,
    from {{ ref('int_survey__windows') }} as windows
    inner join {{ ref('stg_declared__items') }} as declared
        on windows.instrument_id = declared.instrument_id and windows.edition = declared.edition
)

select * from items
