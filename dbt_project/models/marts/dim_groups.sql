with

declared as (
    select * from {{ ref('stg_declared__groups') }}
),

-- groups that a year is told in for others
larger as (
    select
        group_set_id,
        told_id as group_id,
        arg_max(label_en, school_year) as label_en,
        arg_max(label_es, school_year) as label_es,
        arg_max(group_no, school_year) as group_no,
    from {{ ref('int_groups__told') }}
    group by group_set_id, told_id
),

dim_groups as (
    select
        group_set_id,
        group_id,
        any_value(set_label_en) as set_label_en,
        any_value(set_label_es) as set_label_es,
        any_value(label_en) as label_en,
        any_value(label_es) as label_es,
        min(group_no) as group_no,
        any_value(reference) as reference,
        any_value(screen_json) as screen_json,
        any_value(state_json) as state_json,
    from declared
    group by group_set_id, group_id
    union all
    select
        group_set_id,
        larger.group_id,
        any_value(declared.set_label_en) as set_label_en,
        any_value(declared.set_label_es) as set_label_es,
        any_value(larger.label_en) as label_en,
        any_value(larger.label_es) as label_es,
        any_value(larger.group_no) as group_no,
        any_value(declared.reference) as reference,
        any_value(declared.screen_json) as screen_json,
        any_value(declared.state_json) as state_json,
    from larger
    inner join declared using (group_set_id)
    group by group_set_id, larger.group_id
    union all
    select
        group_set_id,
        'not_recorded' as group_id,
        any_value(set_label_en) as set_label_en,
        any_value(set_label_es) as set_label_es,
        'Not recorded' as label_en,
        'Sin dato' as label_es,
        max(group_no) + 1 as group_no,
        any_value(reference) as reference,
        any_value(screen_json) as screen_json,
        any_value(state_json) as state_json,
    from declared
    group by group_set_id
    union all
    select
        'all' as group_set_id,
        'all' as group_id,
        'Everyone' as set_label_en,
        'Todos' as set_label_es,
        'All students' as label_en,
        'Todos los estudiantes' as label_es,
        1 as group_no,
        'all_others' as reference,
        cast(null as varchar) as screen_json,
        cast(null as varchar) as state_json,
)

select * from dim_groups
