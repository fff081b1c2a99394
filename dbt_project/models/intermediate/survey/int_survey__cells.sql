{{ config(materialized='view') }}
with

margins as (
    select
        windows.slot,
        unnest(from_json(json_extract(instruments.spec_json, '$.weights.margins'), '[["VARCHAR"]]')) as parts,
        generate_subscripts(
            from_json(json_extract(instruments.spec_json, '$.weights.margins'), '[["VARCHAR"]]'), 1
        ) as margin_no,
    from {{ ref('int_survey__windows') }} as windows
    inner join {{ ref('stg_declared__instruments') }} as instruments
        on windows.instrument_id = instruments.instrument_id and windows.edition = instruments.edition
    where windows.has_responses and not windows.is_anonymous
),

parts as (
    select
        slot,
        margin_no,
        unnest(parts) as part,
        generate_subscripts(parts, 1) as part_no,
    from margins
),

levels as (
    select
        parts.slot,
        roster.respondent_key as person_id,
        roster.school_id,
        parts.margin_no,
        string_agg(
            case parts.part
                when 'school' then roster.school_id
                when 'grade' then coalesce(roster.grade, '')
                else coalesce(members.group_id, 'not_recorded')
            end, '+' order by parts.part_no
        ) as level,
    from parts
    inner join {{ ref('int_survey__roster') }} as roster on parts.slot = roster.slot
    left join {{ ref('int_survey__members') }} as members
        on
            parts.slot = members.slot
            and roster.respondent_key = members.person_id
            and members.unit_type = 'district'
            and parts.part = members.group_set_id
    group by parts.slot, roster.respondent_key, roster.school_id, parts.margin_no
),

people as (
    select
        slot,
        person_id,
        school_id,
        list(level order by margin_no) as levels,
    from levels
    group by slot, person_id, school_id
),

cells as (
    select
        people.slot,
        scales.scale_id,
        people.school_id,
        people.levels,
        any_value(scales.parts) as parts,
        count(*) as n_people,
        cast(sum(scales.n_favorable) as bigint) as n_favorable,
        cast(sum(scales.n_answered) as bigint) as n_answers,
        sum(cast(scales.score_parts as hugeint)) as score_parts,
        sum(cast(scales.score_parts as hugeint) * scales.score_parts) as score_part_squares,
    from people
    inner join {{ ref('int_survey__person_scales') }} as scales
        on people.slot = scales.slot and people.person_id = scales.person_id
    group by people.slot, scales.scale_id, people.school_id, people.levels
    union all by name
    select
        slot,
        '' as scale_id,
        school_id,
        levels,
        count(*) as n_people,
    from people
    group by slot, school_id, levels
)

select * from cells
