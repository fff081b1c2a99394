with

tonight as (
    select * from {{ source('landed', 'tonight') }}
),

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

declared as (
    select * from {{ ref('stg_declared__cycles') }}
),

cycles as (
    select
        audiences.audience_id,
        case when audiences.scope = 'district' or declared.scope <> 'school' then '*' else declared.unit_id end
            as reader_unit_id,
        declared.cycle_id,
        declared.scope,
        declared.unit_id,
        declared.aim,
        declared.change,
        declared.prediction,
        declared.predicted_on,
        case
            when declared.state = 'closed' and tonight.as_of > declared.ends_on then 'closed'
            when tonight.as_of >= declared.starts_on then 'running'
            else 'planned'
        end as state,
        case when tonight.as_of > declared.ends_on then declared.verdict end as verdict,
        case when tonight.as_of > declared.ends_on then declared.learned end as learned,
        declared.owner_label,
    from declared
    cross join tonight
    cross join audiences
    where declared.predicted_on <= tonight.as_of
)

select * from cycles
