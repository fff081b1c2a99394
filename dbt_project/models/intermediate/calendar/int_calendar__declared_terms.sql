{{ config(materialized='view') }}
with

kinds as (
    select
        *,
        count(*) over (partition by school_year, term_kind) as n_terms,
        coalesce(
            lag(ends_on) over (partition by school_year, term_kind order by ends_on), date '0001-01-01'
        ) as after_on,
    from {{ ref('stg_declared__terms') }}
),

declared_terms as (
    select
        school_year,
        school_year || '_' || term_kind || '_' || term_no as period_id,
        after_on,
        ends_on,
        -- of quarters and semesters, the quarters
        dense_rank() over (partition by school_year order by n_terms desc, term_kind asc) = 1 as is_shortest,
    from kinds
)

select * from declared_terms
