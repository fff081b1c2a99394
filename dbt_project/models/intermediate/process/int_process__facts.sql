with

through as (
    select * from {{ source('landed', 'through') }}
),

school_days as (
    select
        school_year,
        on_date,
    from {{ ref('int_calendar__dates') }}
),

-- what happened before the journal began nobody can tell
known as (
    select min(as_of) as since_on from {{ ref('stg_ledger__events') }}
),

windows as (
    select * from {{ ref('stg_declared__windows') }}
    where
        closes_on < (select through.as_of from through)
        and closes_on >= (select known.since_on from known)
),

transitions as (
    select
        json_extract_string(payload, '$.window_id') as window_id,
        cast(json_extract_string(payload, '$.school_year') as integer) as school_year,
        bool_or(json_extract_string(payload, '$.to_state') = 'extended') as is_extended,
        min(as_of) filter (json_extract_string(payload, '$.to_state') = 'closed') as closed_on,
    from {{ ref('stg_ledger__events') }}
    where kind = 'window_transition'
    group by all
),

reviews as (
    select
        reviews.review_id,
        reviews.school_year,
        reviews.meets_on,
        min(decisions.decided_on) as decided_on,
    from {{ ref('stg_declared__reviews') }} as reviews
    left join {{ ref('stg_declared__decisions') }} as decisions
        on reviews.review_id = decisions.review_id and decisions.status = 'decided'
    where reviews.meets_on <= (select through.as_of from through)
    group by all
),

terms as (
    select
        school_year,
        coalesce(lag(ends_on) over (partition by school_year order by ends_on), date '0001-01-01') as after_on,
        ends_on,
    from {{ ref('stg_declared__terms') }}
    where
        term_kind = 'quarter'
        and ends_on < (select through.as_of from through)
        and ends_on >= (select known.since_on from known)
),

readers as (
    select count(distinct audience_id) as n_audiences
    from {{ ref('stg_declared__audiences') }}
    where audience_id in ('staff', 'family')
),

schools as (
    select
        years.school_year,
        units.unit_id,
    from {{ ref('int_attendance__units') }} as units
    cross join (select distinct school_year from school_days) as years
    where units.unit_type = 'school'
),

-- each row is one thing that was due, and whether it went as it should; what stands all year is due from the first day
facts as (
    select
        windows.school_year,
        'windows_closed_on_schedule' as subject_id,
        windows.closes_on as due_on,
        coalesce(transitions.closed_on <= windows.closes_on + 1 and not transitions.is_extended, false) as is_well,
    from windows
    left join transitions
        on windows.window_id = transitions.window_id and windows.school_year = transitions.school_year
    union all
    select
        obligations.school_year,
        'obligations_with_an_active_owner' as subject_id,
        date '0001-01-01' as due_on,
        exists(
            select 1 as one from {{ ref('stg_declared__people') }} as people
            where
                obligations.owner_role = people.role
                and obligations.due_on between people.active_from and coalesce(people.active_to, date '9999-12-31')
        ) as is_well,
    from {{ ref('stg_declared__obligations') }} as obligations
    union all
    select
        reviews.school_year,
        'reviews_held_within_5_school_days' as subject_id,
        reviews.meets_on as due_on,
        reviews.decided_on is not null
        and (
            select count(*) from school_days
            where
                school_days.on_date > least(reviews.meets_on, reviews.decided_on)
                and school_days.on_date <= greatest(reviews.meets_on, reviews.decided_on)
        ) <= {{ var('review_held_days') }} as is_well,
    from reviews
    union all
    select
        reviews.school_year,
        'decisions_with_evidence' as subject_id,
        decisions.decided_on as due_on,
        coalesce(decisions.evidence, '') <> '' as is_well,
    from {{ ref('stg_declared__decisions') }} as decisions
    inner join {{ ref('stg_declared__reviews') }} as reviews on decisions.review_id = reviews.review_id
    where decisions.status = 'decided'
    union all
    select
        terms.school_year,
        'quarters_reported_to_staff_and_families' as subject_id,
        terms.ends_on as due_on,
        readers.n_audiences = 2
        and exists (
            select 1 as one from {{ ref('stg_ledger__events') }} as events
            where events.kind = 'release_promoted' and events.as_of > terms.after_on and events.as_of <= terms.ends_on
        ) as is_well,
    from terms
    cross join readers
    union all
    select
        schools.school_year,
        'schools_with_a_prediction_before_the_data' as subject_id,
        date '0001-01-01' as due_on,
        exists(
            select 1 as one from {{ ref('stg_declared__cycles') }} as cycles
            where
                cycles.scope = 'school'
                and schools.unit_id = cycles.unit_id
                and cycles.predicted_on < cycles.starts_on
                and {{ school_year_of('cycles.starts_on') }} = schools.school_year
        ) as is_well,
    from schools
)

select * from facts
