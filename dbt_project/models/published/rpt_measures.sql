with

figures as (
    select * from {{ ref('int_figures__published') }}
),

measures as (
    select {{ figure_block('figures') }}
    from figures
)

select * from measures
