with

rubrics as (
    select
        instrument_id,
        edition,
        cast(json_extract(spec_json, '$.levels[*].value') as integer[]) as levels,
        json_extract_string(spec_json, '$.levels[*].label.en') as labels,
    from {{ ref('stg_declared__instruments') }}
    where kind = 'rubric'
),

named as (
    select
        instrument_id,
        edition,
        unnest(levels) as level,
        unnest(labels) as label_en,
        list_sort(levels) as levels,
    from rubrics
),

rubric_levels as (
    select
        instrument_id,
        edition,
        level,
        label_en,
        -- The upper half of the levels says that the practice is in place: 3 and 4 of 4.
        2 * list_position(levels, level) > len(levels) as is_in_place,
    from named
)

select * from rubric_levels
