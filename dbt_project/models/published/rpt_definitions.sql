with

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

words as (
    select listed.*
    from (
        values
        (
            'attendance_rate', 'share', 'Days attended out of days enrolled and measured.', 'days attended',
            'days enrolled and measured'
        ),
        (
            'chronic_absence', 'share', 'Students who missed too much school.',
            'students counted as chronically absent', 'students enrolled long enough and measured'
        ),
        (
            'submission_completeness', 'share', 'Attendance taken and sent, out of what was due.',
            'registers sent', 'registers due'
        ),
        ('response_rate', 'share', 'Usable responses out of those asked.', 'usable responses', 'people asked'),
        (
            'percent_favorable', 'share', 'Answers in the favorable options of a scale.', 'favorable answers',
            'usable answers'
        ),
        ('scale_mean', 'score', 'Mean of the scale over the people who answered it.', 'sum of scores', 'people'),
        ('rubric_profile', 'share', 'Units rated 3 or 4 on a rubric item.', 'units rated 3 or 4', 'units rated'),
        (
            'walkthrough_rating', 'score', 'Mean rating of the rooms seen; coverage stands beside it.',
            'sum of the rooms'' mean ratings', 'rooms seen'
        ),
        (
            'dosage', 'share', 'Sessions delivered out of those planned to date.', 'sessions delivered',
            'sessions planned'
        ),
        ('plan_execution', 'share', 'Plan steps done on time, out of those due.', 'steps done on time', 'steps due')
    ) as listed (measure_id, value_unit, definition, numerator_words, denominator_words)
),

indicators as (
    select
        *,
        'A straight line from ' || baseline_year || ' to the target of each school year'
        || case
            when period_kind = 'year_to_date' then '; within a year it follows how earlier years grew'
            else ', the same on every date of it'
        end || '.' as expected_rule,
        'On track from a chance of ' || cast(100 * on_track as integer)
        || '% of being on the good side of the line, watch from ' || cast(100 * watch as integer)
        || '%; the interval shown holds ' || cast(100 * interval_share as integer) || '%.' as status_rule,
    from {{ ref('dim_indicators') }}
),

-- a feed of school days has no students to define anything by
counted as (
    select
        'attendance_rate' as measure_id,
        'Students present out of those enrolled, as each school reports its days: the mean of the days reported. '
        || coalesce(
            'Schools are weighted by their ' || weight_label_en || '.',
            'Every school weighs the same, since nothing tells how many students it has.'
        )
        || ' A day that a school did not send is left out, never counted as 0%.' as definition,
    from {{ ref('stg_declared__district') }}
    where attendance_mode = 'counts'
),

definitions as (
    select
        audiences.audience_id,
        '*' as reader_unit_id,
        indicators.measure_id,
        indicators.profile_id,
        indicators.indicator_id,
        indicators.indicator_label,
        cast(indicators.indicator_no as integer) as indicator_no,
        coalesce(counted.definition, profiles.sentence_en, words.definition) as definition,
        words.numerator_words,
        words.denominator_words,
        profiles.citation,
        words.value_unit,
        indicators.direction,
        indicators.expected_rule,
        indicators.status_rule,
        indicators.owner_label,
    from indicators
    inner join words on indicators.measure_id = words.measure_id
    left join {{ ref('dim_profiles') }} as profiles
        on indicators.profile_id = profiles.profile_id and indicators.measure_id = profiles.measure_id
    left join counted on indicators.measure_id = counted.measure_id
    cross join audiences
)

select * from definitions
