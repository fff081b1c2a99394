with

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

units as (
    select * from {{ ref('dim_units') }}
),

readers as (
    select
        audiences.audience_id,
        case
            when audiences.scope = 'district' then district.unit_id
            when units.unit_type = 'district' then '*'
            else units.unit_id
        end as reader_unit_id,
        units.unit_id,
        units.unit_type,
        units.unit_label,
        units.unit_type = audiences.scope as is_own,
        audiences.includes,
        audiences.share,
        audiences.count,
        audiences.knows,
        audiences.is_told_figures,
    from audiences
    cross join units
    inner join units as district on district.unit_type = 'district'
)

select * from readers
