{{ config(materialized='view') }}
with

tests as (
    select * from {{ ref('fct_signal_tests') }}
    where panel_id is not null
),

fits as (
    select
        fit_id,
        class_id,
        indicator_id,
        group_id,
        period_kind,
        period_on,
        cast(season as json) as season,
        cast(common as json) as common,
        d0,
        s0_sq,
        rho,
        n_units,
        parameters_sha256,
        panel_id,
    from tests
)

select * from fits
