{{ config(materialized='view') }}
with

profiles as (
    select
        {{ basis_id() }} as basis_id,
        partial_day,
        string_split(counts, ',') as counted,
        bool_or(measure_id = 'attendance_rate') as is_default,
    from {{ ref('stg_declared__profiles') }}
    group by counts, partial_day
),

day_bases as (
    select
        basis_id,
        -- 0 is how attendance itself is read
        cast(row_number() over (order by not is_default, basis_id) - 1 as integer) as basis_no,
        basis_no // 2 as pair_no,
        basis_no % 2 as side_no,
        partial_day,
        {% for category in absence_categories() -%}
            list_contains(counted, '{{ category }}') as counts_{{ category }},
        {% endfor %}
    from profiles
)

select * from day_bases
