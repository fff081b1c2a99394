with

estimators as (
    select
        scale_id,
        estimator,
    from {{ ref('stg_declared__scales') }}
    union
    select
        subject_id as scale_id,
        estimator,
    from {{ ref('stg_declared__indicators') }}
    where measure_id = 'percent_favorable'
)

select * from estimators
