{{ config(materialized='view') }}
with

profiles as (
    select distinct
        {{ basis_id() }} as basis_id,
        partial_day,
        string_split(counts, ',') as counted,
    from {{ ref('stg_declared__profiles') }}
),

day_bases as (
    select
        basis_id,
        cast(row_number() over (order by basis_id) as integer) as basis_no,
        partial_day,
        {% for category in absence_categories() -%}
            list_contains(counted, '{{ category }}') as counts_{{ category }},
        {% endfor %}
    from profiles
)

select * from day_bases
