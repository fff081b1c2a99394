with

tonight as (
    select * from {{ source('landed', 'tonight') }}
),

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

recorded as (
    select distinct subject_id as decision_id
    from {{ ref('stg_ledger__events') }}
    where kind = 'decision_recorded'
),

declared as (
    -- what a school's review decided is that school's
    select
        *,
        {{ school_of_review('review_id') }} as held_by,
    from {{ ref('stg_declared__decisions') }}
),

decisions as (
    select
        audiences.audience_id,
        coalesce(declared.held_by, '*') as reader_unit_id,
        declared.decision_id,
        declared.review_id,
        declared.kind,
        declared.about_kind,
        declared.about_id,
        declared.disposition,
        declared.what,
        declared.why,
        declared.public_text_en as public_text,
        replace(declared.evidence, ',', ' ') as evidence,
        declared.evidence_release_id,
        declared.owner_label,
        declared.due_on,
        declared.revisit_on,
        cast(declared.cost_amount as double) as cost_amount,
        declared.currency,
        declared.status,
        case
            when recorded.decision_id is null then 'written'
            when tonight.as_of > declared.revisit_on then 'to revisit'
            else 'recorded'
        end as state,
    from declared
    left join recorded on declared.decision_id = recorded.decision_id
    cross join tonight
    inner join audiences on declared.held_by is null or audiences.scope = 'school'
    where declared.decided_on is null or declared.decided_on <= tonight.as_of
)

select * from decisions
