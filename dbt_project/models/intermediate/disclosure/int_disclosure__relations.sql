{% set cell = ['unit_type', 'unit_id', 'group_set_id', 'group_id'] %}
with

figures as (
    select
        *,
        concat_ws(
            '|',
            population_id,
            {%- for column in published_figure_key() if column not in cell %}
                {{ column }}{{ ',' if not loop.last }}
            {%- endfor %}
        ) as layer,
        case when group_set_id = 'all' then 'all' else group_set_id || '/' || group_id end as group_name,
    from {{ ref('int_figures__printed') }}
    where counted_kind <> 'records'
),

pairs as (
    select
        'school' as kind,
        'school|' || total.group_name as relation_id,
        total,
        part,
    from figures as total
    inner join figures as part on total.layer = part.layer and total.group_name = part.group_name
    where total.unit_type = 'district' and part.unit_type = 'school'
    union all
    select
        'group' as kind,
        'group|' || total.unit_id || '|' || part.group_set_id as relation_id,
        total,
        part,
    from figures as total
    inner join figures as part on total.layer = part.layer and total.unit_id = part.unit_id
    where total.group_set_id = 'all' and part.group_set_id <> 'all'
),

sums as (
    select
        total.population_id,
        total.measure_id,
        relation_id,
        kind,
        total.cell_id as total_cell_id,
        any_value(total.is_shared) as is_shared,
        case when bool_and(part.n_counted is not null) then any_value(total.n_counted) - sum(part.n_counted) end
            as rest,
    from pairs
    group by total.population_id, total.measure_id, relation_id, kind, total.cell_id, total.figure_id
),

rests as (
    select
        population_id,
        measure_id,
        relation_id,
        count(*) filter (not is_shared and (rest < 0 or (kind = 'school' and rest > 0))) as n_broken,
        min(greatest(rest, 0)) as rest_low,
        min(rest) filter (rest > 0) as rest_small,
        max(greatest(rest, 0)) as rest_high,
    from sums
    group by population_id, measure_id, relation_id
),

parts as (
    select distinct
        total.population_id,
        total.measure_id,
        relation_id,
        kind,
        total.cell_id as total_cell_id,
        part.cell_id as part_cell_id,
    from pairs
),

relations as (
    select
        parts.*,
        rests.n_broken,
        cast(rests.rest_low as bigint) as rest_low,
        cast(rests.rest_small as bigint) as rest_small,
        cast(rests.rest_high as bigint) as rest_high,
    from parts
    inner join rests using (population_id, measure_id, relation_id)
)

select * from relations
