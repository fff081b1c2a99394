with

tonight as (
    select * from {{ source('landed', 'tonight') }}
),

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

frozen as (
    select
        subject_id as review_id,
        cast(json_extract(payload, '$.completeness') as double) as completeness,
        json_extract_string(payload, '$.release_id') as release_id,
        cast(json_extract_string(payload, '$.as_of') as date) as evidence_as_of,
        cast(count(*) over (partition by subject_id) as integer) as edition,
    from {{ ref('stg_ledger__events') }}
    where kind = 'review_frozen'
    qualify row_number() over (partition by subject_id order by seq desc) = 1
),

decided as (
    select distinct json_extract_string(payload, '$.review_id') as review_id
    from {{ ref('stg_ledger__events') }}
    where kind = 'decision_recorded'
),

judged as (
    select
        reviews.*,
        frozen.* exclude (review_id),
        case
            when frozen.review_id is null then 'planned'
            when tonight.as_of > reviews.close_by then 'closed'
            when tonight.as_of >= reviews.meets_on then 'deciding'
            else 'packet'
        end as state,
        (frozen.review_id is null and tonight.as_of > reviews.packet_on)
        or (decided.review_id is null and tonight.as_of > reviews.decide_by) as is_late,
    from {{ ref('stg_declared__reviews') }} as reviews
    cross join tonight
    left join frozen on reviews.review_id = frozen.review_id
    left join decided on reviews.review_id = decided.review_id
    where reviews.school_year = (select max(goals.school_year) from {{ ref('stg_declared__goals') }} as goals)
),

reviews as (
    select
        audiences.audience_id,
        case when judged.scope = 'each_school' then judged.unit_id else '*' end as reader_unit_id,
        judged.review_id,
        judged.kind,
        judged.label_en as review_label,
        judged.scope,
        judged.unit_id,
        judged.packet_on,
        judged.meets_on,
        judged.decide_by,
        judged.state,
        judged.edition,
        judged.completeness,
        judged.is_late,
        judged.release_id as evidence_release_id,
        judged.evidence_as_of,
        case judged.state
            when 'planned' then 'Packet on ' || strftime(judged.packet_on, '%B %-d, %Y')
            when 'packet' then 'Meet on ' || strftime(judged.meets_on, '%B %-d, %Y')
            when 'deciding' then 'Decide by ' || strftime(judged.decide_by, '%B %-d, %Y')
        end as next_step,
        judged.chair_label as next_owner_label,
    from judged
    inner join audiences on judged.scope <> 'each_school' or audiences.scope = 'school'
)

select * from reviews
