with

audiences as (
    select * from {{ ref('stg_declared__audiences') }}
),

words as (
    {{ measure_words() }}
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

subjects as (
    select * from {{ ref('stg_declared__subject_definitions') }}
),

editions as (
    select distinct
        newer.instrument_id,
        newer.subject_id,
        newer.definition_edition as edition,
        former.definition_edition as former_edition,
        newer.first_year,
    from subjects as newer
    inner join subjects as former
        on
            newer.instrument_id = former.instrument_id
            and newer.subject_id = former.subject_id
            and newer.first_year = former.next_year
    qualify
        dense_rank() over (partition by newer.subject_id order by newer.first_year desc, newer.instrument_id asc) = 1
),

stayed as (
    select
        editions.subject_id,
        count(*) as n_items,
        count(lines.item_id) as n_same,
    from editions
    inner join {{ ref('stg_declared__scale_items') }} as items
        on
            editions.instrument_id = items.instrument_id
            and editions.edition = items.edition
            and editions.subject_id = items.scale_id
    left join {{ ref('stg_declared__crosswalk') }} as lines
        on
            items.instrument_id = lines.instrument_id
            and items.edition = lines.edition
            and items.item_id = lines.item_id
            and editions.former_edition = lines.earlier_edition
            and lines.match = 'exact'
    group by editions.subject_id
),

edition_changes as (
    select
        editions.subject_id,
        'Edition ' || editions.edition || ' of ' || instruments.label_en || ' replaced edition '
        || editions.former_edition || ' from ' || editions.first_year - 1 || '-'
        || right(cast(editions.first_year as varchar), 2) || ' on.'
        || coalesce(
            ' ' || stayed.n_same || ' of its ' || stayed.n_items || ' items stayed as they were.', ''
        ) as edition_change,
    from editions
    inner join {{ ref('stg_declared__instruments') }} as instruments
        on editions.instrument_id = instruments.instrument_id and editions.edition = instruments.edition
    left join stayed on editions.subject_id = stayed.subject_id
),

-- of the newest edition that has the scale
anchors as (
    select
        scales.scale_id as subject_id,
        {%- for name in ['alpha', 'icc'] %}
            list_transform(
                json_extract_string(instruments.spec_json, '$.anchors.{{ name }}[*]'),
                lambda text: format(
                    '{:.2f}',
                    cast(split_part(text, '/', 1) as double)
                    / coalesce(cast(nullif(split_part(text, '/', 2), '') as double), 1)
                )
            ) as {{ name }},
        {%- endfor %}
        concat_ws(
            '; ',
            'internal consistency (alpha) of ' || alpha[1] || ' to ' || alpha[2],
            'between schools (ICC) ' || icc[1] || ' to ' || icc[2] || ' of what sets answers apart'
        ) as published,
    from {{ ref('stg_declared__scales') }} as scales
    inner join {{ ref('stg_declared__instruments') }} as instruments
        on scales.instrument_id = instruments.instrument_id and scales.edition = instruments.edition
    qualify
        row_number() over (
            partition by scales.scale_id order by instruments.edition desc, instruments.instrument_id asc
        ) = 1
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
        profiles.label_en as profile_label,
        former.profile_id as former_profile_id,
        former.label_en as former_label,
        former.sentence_en as former_definition,
        profiles.first_year as changed_from,
        edition_changes.edition_change,
        case
            when counted.definition is not null then null
            when words.measure_id = 'percent_favorable' then '{{ published_favorable_example() }}'
            else profiles.examples_en
        end as tested_on,
        nullif(anchors.published, '') as published,
    from indicators
    inner join words on indicators.measure_id = words.measure_id
    left join {{ ref('dim_profiles') }} as profiles
        on indicators.profile_id = profiles.profile_id and indicators.measure_id = profiles.measure_id
    left join {{ ref('dim_profiles') }} as former
        on profiles.replaces = former.profile_id and profiles.measure_id = former.measure_id
    left join counted on indicators.measure_id = counted.measure_id
    left join edition_changes on indicators.subject_id = edition_changes.subject_id
    left join anchors on indicators.subject_id = anchors.subject_id
    cross join audiences
)

select * from definitions
