with

readers as (
    select * from {{ ref('int_audiences__readers') }}
),

units as (
    select
        audience_id,
        reader_unit_id,
        unit_id,
        unit_label,
        unit_type,
        is_own,
    from readers
)

select * from units
