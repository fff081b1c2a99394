with

figures as (
    select * from {{ ref('int_figures__printed') }}
    where counted_kind <> 'records'
),

cells as (
    select
        population_id,
        measure_id,
        cell_id,
        min(n_counted) as n_low,
        min(n_counted) filter (n_counted > 0) as n_small,
        max(n_counted) as n_high,
        count(*) filter (value is not null and n_counted is null) as n_unknown,
        coalesce(bool_and(is_aggregated) filter (value is not null and n_counted is null), false) as is_aggregated,
    from figures
    group by population_id, measure_id, cell_id
)

select * from cells
