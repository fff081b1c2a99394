{{ config(materialized='by_part', stale='int_survey__touched_slots', parts=['slot']) }}
with

windows as (
    select * from {{ ref('int_survey__windows') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_slots') }} as touched)
),

roster as (
    select * from {{ ref('int_survey__roster') }}
),

met as (
    select
        responses.* exclude (school_id, grade),
        windows.is_anonymous,
        windows.duplicates_policy,
        windows.max_per_key,
        windows.speed_action,
        windows.line_action,
        windows.slow_numerator,
        windows.slow_denominator,
        if(windows.is_anonymous, responses.response_id, responses.respondent_key) as person_id,
        coalesce(roster.school_id, responses.school_id, '') as school_id,
        coalesce(roster.grade, responses.grade) as grade,
        case
            when responses.is_preview then 'preview'
            when responses.sent_on not between windows.opens_on and windows.closes_on then 'outside_window'
            when not windows.is_anonymous and responses.respondent_key is null then 'no_key'
        end as sent_disposition,
        case
            when windows.is_anonymous then null
            when roster.respondent_key is null then 'not_on_roster'
            when roster.respondent_class <> responses.respondent_class then 'wrong_class'
            when roster.is_opted_out then 'opted_out'
        end as person_disposition,
    from {{ ref('int_survey__responses') }} as responses
    inner join windows on responses.slot = windows.slot
    left join roster
        on
            responses.slot = roster.slot
            and if(windows.is_anonymous, null, responses.respondent_key) = roster.respondent_key
),

repeated as (
    select
        *,
        coalesce(
            cast(duration_seconds * slow_denominator as double)
            < slow_numerator * median(cast(duration_seconds as double)) over (
                partition by slot, {{ grade_band('grade') }}
            ),
            false
        ) as is_slow,
        coalesce(
            sent_disposition,
            case
                when count(*) filter (sent_disposition is null) over (partition by slot, person_id) > max_per_key
                    then 'key_repeats'
            end,
            person_disposition,
            case when n_answered = 0 then 'blank' end
        ) as early_disposition,
    from met
),

ranked as (
    select
        *,
        row_number() over (
            partition by slot, person_id, early_disposition is null
            order by
                case when duplicates_policy in ('last_complete', 'first_complete') then is_complete end desc,
                case when duplicates_policy = 'most_complete' then n_scored_answered end desc,
                case when duplicates_policy = 'first_complete' then submitted_at end asc,
                case when duplicates_policy = 'first_complete' then response_id end asc,
                case when duplicates_policy <> 'first_complete' then submitted_at end desc,
                response_id desc
        ) as place_no,
    from repeated
),

dispositions as (
    select
        slot,
        window_id,
        school_year,
        instrument_id,
        edition,
        response_no,
        response_id,
        person_id,
        respondent_class,
        school_id,
        grade,
        coalesce(
            early_disposition,
            case
                when place_no > 1 and duplicates_policy <> 'keep_all' then 'duplicate'
                when is_speeder and speed_action = 'drop' then 'speeder'
                when is_straight_line and line_action = 'drop' then 'straight_line'
                when not is_complete then 'too_partial'
                else 'usable'
            end
        ) as disposition,
        is_speeder,
        is_straight_line,
        is_speeder or is_straight_line or is_slow as is_flagged,
    from ranked
)

select * from dispositions
