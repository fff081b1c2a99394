{%- set days = 7 %}
with

tonight as (
    select * from {{ source('landed', 'tonight') }}
),

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
    where scope = 'district'
),

sources as (
    select * from {{ ref('stg_declared__sources') }}
),

told as (
    select
        kind,
        as_of,
        json_extract_string(payload, '$.source_id') as source_id,
        coalesce(cast(json_extract_string(payload, '$.expected_on') as date), as_of) as expected_on,
        {%- for count in ['n_received', 'n_accepted', 'n_quarantined', 'n_ignored'] %}
            cast(json_extract(payload, '$.{{ count }}') as bigint) as {{ count }},
        {%- endfor %}
    from {{ ref('stg_ledger__events') }}
    where
        kind in ('batch_accepted', 'batch_held', 'arrival_late')
        or (
            kind = 'received'
            and json_extract_string(payload, '$.outcome') = 'duplicate_file'
            and json_extract_string(payload, '$.expected_on') is not null
        )
),

came as (
    select
        source_id,
        expected_on,
        min(as_of) filter (kind <> 'arrival_late') as arrived_on,
        bool_or(kind in ('batch_accepted', 'received')) as is_accepted,
        bool_or(kind = 'arrival_late') as is_late,
        {%- for count in ['n_received', 'n_accepted', 'n_quarantined', 'n_ignored'] %}
            cast(sum({{ count }}) as bigint) as {{ count }},
        {%- endfor %}
    from told
    group by source_id, expected_on
),

current_year as (
    select max(dates.school_year) as school_year
    from {{ ref('int_calendar__dates') }} as dates
    inner join tonight on dates.on_date <= tonight.as_of
),

expected as (
    select distinct
        obligations.source_id,
        obligations.due_on as expected_on,
    from {{ ref('stg_declared__obligations') }} as obligations
    inner join current_year on obligations.school_year = current_year.school_year
    inner join tonight on obligations.due_on <= tonight.as_of + interval {{ days }} days
    where obligations.kind = 'arrival'
),

arrivals as (
    select
        audiences.audience_id,
        '*' as reader_unit_id,
        sources.source_id,
        sources.label_en as source_label,
        cast(coalesce(expected.expected_on, came.expected_on) as date) as expected_on,
        came.arrived_on,
        case
            when came.is_accepted then 'accepted'
            when came.arrived_on is not null then 'held'
            when came.is_late then 'late'
            when expected.expected_on >= tonight.as_of then 'expected'
            -- within its grace; what is older was due before nights ran, and no night told it late
            when expected.expected_on >= tonight.as_of - interval {{ days }} days then 'due'
            else 'missing'
        end as state,
        came.n_received,
        came.n_accepted,
        came.n_quarantined,
        came.n_ignored,
        sources.owner_label,
    from expected
    full join came on expected.source_id = came.source_id and expected.expected_on = came.expected_on
    inner join sources on coalesce(expected.source_id, came.source_id) = sources.source_id
    cross join audiences
    cross join tonight
)

select * from arrivals
