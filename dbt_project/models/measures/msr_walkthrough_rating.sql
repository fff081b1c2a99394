with

room_sums as (
    select
        *,
        total as numerator,
        n_rooms as denominator,
        sqrt(
            greatest(n_rooms * cast(squares as double) - cast(total as double) * cast(total as double), 0)
            / nullif(n_rooms * (n_rooms - 1), 0) / n_rooms
            * greatest(n_eligible - n_rooms, 0) / nullif(n_eligible, 0)
        ) as se,
        case
            when n_rooms < {{ var('walkthrough_min_rooms') }} then 'withheld'
            when is_provisional then 'provisional'
            else 'ok'
        end as quality_state,
    from {{ ref('int_walkthrough__room_sums') }}
),

ends as (
    select
        *,
        cast(total / nullif(n_rooms, 0) as double) as mean,
        {{ t_975('(n_rooms - 1)') }} * se as half_width,
    from room_sums
),

walkthrough_rating as (
    select
        {{ standard_row({
            'measure_id': "'walkthrough_rating'",
            'school_year': 'school_year',
            'period_kind': "'window'",
            'period_id': 'window_id',
            'period_starts_on': 'opens_on',
            'period_ends_on': 'closes_on',
            'unit_type': 'unit_type',
            'unit_id': 'unit_id',
            'subject_id': 'item_id',
            'numerator': 'numerator',
            'denominator': 'denominator',
            'value_unit': "'score'",
            'n_observations': 'n_rooms',
            'n_eligible': 'n_eligible',
            'n_unmeasured': 'if(n_eligible > n_rooms, n_eligible - n_rooms, 0)',
            'se': "if(quality_state = 'withheld', null, se)",
            'interval_low': "if(quality_state = 'withheld', null, mean - half_width)",
            'interval_high': "if(quality_state = 'withheld', null, mean + half_width)",
            'interval_method': "if(quality_state = 'withheld' or se is null, null, 't')",
            'completeness': 'n_rooms / cast(nullif(n_eligible, 0) as double)',
            'quality_state': 'quality_state',
            'hold_reason': "case when quality_state = 'withheld' then 'too_few_rooms' end",
            'population_id': "'walkthrough:' || window_id || ':' || school_year",
        }) }}
    from ends
)

select * from walkthrough_rating
