with

obligations as (
    -- what a school's review leaves to do is that school's
    select
        *,
        {{ school_of_review('review_id') }} as held_by,
    from {{ ref('int_plan__obligation_states') }}
),

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

dated as (
    select
        audiences.audience_id,
        coalesce(obligations.held_by, '*') as reader_unit_id,
        obligations.obligation_id,
        obligations.kind,
        obligations.label_en as label,
        obligations.opens_on,
        obligations.closes_on,
        obligations.due_on,
        obligations.state,
        obligations.owner_label,
        obligations.slack_school_days,
        obligations.window_id,
        obligations.is_critical,
        obligations.depends_on,
        obligations.rule,
        obligations.frozen_version,
    from obligations
    inner join audiences on obligations.held_by is null or audiences.scope = 'school'
    where
        -- of the year that is planned; without a plan, of the newest that is declared
        obligations.school_year = coalesce(
            (select max(goals.school_year) from {{ ref('stg_declared__goals') }} as goals),
            (select max(newest.school_year) from obligations as newest)
        )
)

select * from dated
