with

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
    where scope = 'district'
),

sources as (
    select * from {{ ref('stg_declared__sources') }}
),

faults as (
    select listed.*
    from (
        values
        {%- for code, meaning, remedy in published_faults() %}
            (
                '{{ code }}',
                '{{ meaning | replace("'", "''") }}',
                '{{ remedy | replace("'", "''") }}'
            ){{ '' if loop.last else ',' }}
        {%- endfor %}
    ) as listed (code, meaning, remedy)
),

refused as (
    select
        subject_id as batch_id,
        as_of,
        json_extract_string(payload, '$.source_id') as source_id,
        unnest(json_keys(payload, '$.quarantined')) as code,
        payload,
    from {{ ref('stg_ledger__events') }}
    where kind = 'batch_accepted'
),

codes as (
    select
        batch_id,
        as_of,
        source_id,
        code,
        cast(json_extract(payload, '$.quarantined.' || code) as bigint) as n_rows,
    from refused
    union all
    select
        subject_id as batch_id,
        as_of,
        json_extract_string(payload, '$.source_id') as source_id,
        json_extract_string(payload, '$.reason') as code,
        cast(json_extract(payload, '$.n_received') as bigint) as n_rows,
    from {{ ref('stg_ledger__events') }}
    where kind = 'batch_held'
),

quarantine as (
    select
        audiences.audience_id,
        '*' as reader_unit_id,
        codes.batch_id,
        codes.source_id,
        sources.label_en as source_label,
        coalesce(faults.meaning, replace(codes.code, '_', ' ')) as reason,
        faults.remedy,
        codes.n_rows,
        sources.owner_label,
        codes.as_of as received_on,
    from codes
    inner join sources on codes.source_id = sources.source_id
    left join faults on codes.code = faults.code
    cross join audiences
)

select * from quarantine
