with

combinations as (
    select distinct
        combination_no,
        combination,
    from {{ ref('int_groups__student_combinations') }}
    union
    select
        combination_no,
        combination,
    from {{ ref('int_groups__earlier_combinations') }}
),

groups as (
    select
        combination_no,
        unnest(string_split(combination, ',')) as part,
    from combinations
    where combination <> ''
),

members as (
    select
        combination_no,
        'all' as group_set_id,
        'all' as group_id,
    from combinations
    union all
    select
        combination_no,
        split_part(part, '=', 1) as group_set_id,
        split_part(part, '=', 2) as group_id,
    from groups
)

select * from members
