{{ config(materialized='view') }}
with

figures as (
    select * from {{ ref('int_figures__shown') }}
),

readers as (
    select * from {{ ref('int_audiences__readers') }}
),

published as (
    select
        readers.audience_id,
        readers.reader_unit_id,
        figures.*,
    from figures
    inner join readers on figures.unit_id = readers.unit_id
)

select * from published
