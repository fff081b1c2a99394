with

instruments as (
    select * from {{ ref('stg_declared__instruments') }}
    where kind = 'survey'
),

written as (
    select
        *,
        json_extract_string(hygiene_json, '$.duplicates.policy') as policy,
        cast(json_extract_string(hygiene_json, '$.duplicates.max_per_key') as integer) as max_per_key,
        json_extract_string(hygiene_json, '$.speed.min_seconds_per_item') as speed,
        json_extract_string(hygiene_json, '$.speed.action') as speed_action,
        json_extract_string(hygiene_json, '$.speed.slow_share_of_median') as slow,
        json_extract_string(hygiene_json, '$.straight_line.min_share') as line,
        cast(json_extract_string(hygiene_json, '$.straight_line.min_items') as integer) as line_min_items,
        cast(json_extract_string(hygiene_json, '$.straight_line.needs_reversed_item') as boolean)
            as needs_reversed_item,
        json_extract_string(hygiene_json, '$.straight_line.action') as line_action,
    from instruments
),

editions as (
    select
        instrument_id,
        edition,
        mode = 'anonymous' as is_anonymous,
        usable_numerator,
        usable_denominator,
        json_extract_string(spec_json, '$.missing_codes[*]') as missing_codes,
        coalesce(policy, 'keep_all') as duplicates_policy,
        max_per_key,
        cast(split_part(speed, '/', 1) as bigint) as speed_numerator,
        coalesce(cast(nullif(split_part(speed, '/', 2), '') as bigint), 1) as speed_denominator,
        speed_action,
        cast(split_part(slow, '/', 1) as bigint) as slow_numerator,
        coalesce(cast(nullif(split_part(slow, '/', 2), '') as bigint), 1) as slow_denominator,
        cast(split_part(line, '/', 1) as bigint) as line_numerator,
        coalesce(cast(nullif(split_part(line, '/', 2), '') as bigint), 1) as line_denominator,
        line_min_items,
        needs_reversed_item,
        line_action,
    from written
)

select * from editions
