{{ config(materialized='view') }}
with

waves as (
    select
        windows.*,
        declared.wave,
        declared.respondents,
        declared.grades,
        json_extract(instruments.spec_json, '$.comparability') as limits_json,
    from {{ ref('int_survey__windows') }} as windows
    inner join {{ ref('stg_declared__windows') }} as declared
        on windows.window_id = declared.window_id and windows.school_year = declared.school_year
    inner join {{ ref('stg_declared__instruments') }} as instruments
        on windows.instrument_id = instruments.instrument_id and windows.edition = instruments.edition
    where windows.has_responses
),

-- the newest wave before of each edition, and the same wave of the year before
pairs as (
    select
        later.slot,
        earlier.slot as earlier_slot,
        later.window_id,
        later.school_year,
        earlier.window_id as earlier_window_id,
        earlier.school_year as earlier_year,
        later.instrument_id,
        later.limits_json,
        later.edition,
        earlier.edition as earlier_edition,
        later.edition = earlier.edition as is_same_edition,
        later.is_anonymous = earlier.is_anonymous as is_same_mode,
        later.is_anonymous or earlier.is_anonymous as is_anonymous,
        coalesce(later.grades, '') = coalesce(earlier.grades, '') as is_same_grades,
        coalesce(later.respondents, '') = coalesce(earlier.respondents, '') as is_same_population,
        abs(dayofyear(later.opens_on) - dayofyear(earlier.opens_on)) as days_between,
        least(days_between, 365 - days_between) as days_apart,
        later.duplicates_policy <> 'keep_all' and earlier.duplicates_policy <> 'keep_all' as has_one_each,
    from waves as later
    inner join waves as earlier
        on
            later.instrument_id = earlier.instrument_id
            and row(later.opens_on, coalesce(later.wave, 0), later.edition)
            > row(earlier.opens_on, coalesce(earlier.wave, 0), earlier.edition)
    qualify
        row_number() over (
            partition by later.slot, earlier.edition
            order by earlier.opens_on desc, earlier.wave desc
        ) = 1
        or (later.wave = earlier.wave and later.school_year = earlier.school_year + 1)
)

select * from pairs
