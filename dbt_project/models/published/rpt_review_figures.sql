with

review_figures as (
    select * from {{ ref('stg_frozen__review_figures') }}
)

select * from review_figures
