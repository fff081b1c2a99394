with

chosen as (
    select
        cast(subject_id as integer) as school_year,
        unnest(
            from_json(
                json_extract(payload, '$.told'),
                '[{"group_set_id": "VARCHAR", "group_id": "VARCHAR", "told_id": "VARCHAR", "label_en": "VARCHAR", '
                || '"label_es": "VARCHAR", "group_no": "INTEGER"}]'
            )
        ) as larger,
    from {{ ref('stg_ledger__events') }}
    where kind = 'coarsening_chosen'
),

told as (
    select
        school_year,
        larger.group_set_id,
        larger.group_id,
        larger.told_id,
        larger.label_en,
        larger.label_es,
        larger.group_no,
    from chosen
)

select * from told
