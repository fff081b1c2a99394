with

steps as (
    select
        school_year,
        goal_id,
        activity_id as step_id,
        'activity' as kind,
        due_on,
        done_on,
    from {{ ref('stg_declared__activities') }}
    union all
    select
        school_year,
        goal_id,
        milestone_id as step_id,
        'milestone' as kind,
        due_on,
        done_on,
    from {{ ref('stg_declared__milestones') }}
)

select * from steps
