with

decided as (
    select
        decisions.*,
        reviews.school_year,
        reviews.packet_on,
    from {{ ref('stg_declared__decisions') }} as decisions
    inner join {{ ref('stg_declared__reviews') }} as reviews on decisions.review_id = reviews.review_id
    where decisions.status = 'decided'
),

first_decided as (
    select
        school_year,
        review_id,
        packet_on,
        min(decided_on) as ended_on,
    from decided
    group by school_year, review_id, packet_on
),

approved as (
    select
        decided.school_year,
        decided.decided_on as began_on,
        min(plans.decided_on) as ended_on,
    from decided
    inner join decided as plans on plans.kind = 'plan_approval' and decided.decided_on <= plans.decided_on
    where decided.kind <> 'plan_approval'
    group by decided.school_year, decided.decision_id, decided.decided_on
),

steps as (
    select
        unnest([strategy_id, activity_id]) as about_id,
        done_on,
    from {{ ref('stg_declared__activities') }}
    union all
    select
        unnest([strategy_id, activity_id, milestone_id]) as about_id,
        done_on,
    from {{ ref('stg_declared__milestones') }}
),

begun as (
    select
        decided.school_year,
        decided.decided_on as began_on,
        min(steps.done_on) as ended_on,
    from decided
    inner join steps on decided.about_id = steps.about_id and decided.decided_on <= steps.done_on
    group by decided.school_year, decided.decision_id, decided.decided_on
),

-- a decision answers the alerts of the series whose figures it cites
cited as (
    select distinct
        decided.school_year,
        decided.decided_on,
        figures.indicator_id,
        figures.unit_id,
        figures.group_id,
    from decided
    inner join {{ ref('stg_frozen__review_figures') }} as figures
        on list_contains(string_split(decided.evidence, ','), figures.figure_id)
),

answered_alerts as (
    select
        cited.school_year,
        alerts.as_of as began_on,
        min(cited.decided_on) as ended_on,
    from {{ ref('stg_ledger__alert_events') }} as alerts
    inner join cited
        on
            alerts.indicator_id = cited.indicator_id
            and alerts.unit_id = cited.unit_id
            and alerts.group_id = cited.group_id
            and alerts.as_of <= cited.decided_on
    where alerts.event_type = 'new'
    group by cited.school_year, alerts.event_id, alerts.as_of
    qualify row_number() over (partition by alerts.event_id order by min(cited.decided_on)) = 1
),

each_kind as (
    select
        approved.*,
        'decision_to_plan' as subject_id,
    from approved
    union all by name
    select
        begun.*,
        'decision_to_step' as subject_id,
    from begun
    union all by name
    select
        answered_alerts.*,
        'drift_to_decision' as subject_id,
    from answered_alerts
),

days as (
    select
        *,
        date_diff('day', began_on, ended_on) as days,
    from each_kind
),

answered as (
    select
        school_year,
        subject_id,
        'calendar_days' as estimator,
        ended_on,
        days,
    from days
    union all by name
    select
        first_decided.school_year,
        'evidence_to_decision' as subject_id,
        'school_days' as estimator,
        first_decided.ended_on,
        count(dates.on_date) as days,
    from first_decided
    left join {{ ref('int_calendar__dates') }} as dates
        on first_decided.packet_on < dates.on_date and first_decided.ended_on >= dates.on_date
    where first_decided.ended_on >= first_decided.packet_on
    group by first_decided.school_year, first_decided.review_id, first_decided.ended_on
)

select * from answered
