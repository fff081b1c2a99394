{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

members as (
    select * from {{ ref('int_survey__members') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

person_scales as (
    select
        *,
        false as is_without_flagged,
    from {{ ref('int_survey__person_scales') }}
),

-- once more without kept responses that are odd, where there are any
twice as (
    select * from person_scales
    union all
    select * replace (true as is_without_flagged) from person_scales
    where
        not is_flagged
        and (slot, scale_id) in (
            select (odd.slot, odd.scale_id) from person_scales as odd
            where odd.is_flagged
        )
),

eligible as (
    select
        slot,
        unit_type,
        unit_id,
        group_set_id,
        group_id,
        count(*) filter (is_listed) as n_eligible,
    from members
    group by slot, unit_type, unit_id, group_set_id, group_id
),

summed as (
    select
        twice.slot,
        twice.scale_id,
        twice.is_without_flagged,
        members.unit_type,
        members.unit_id,
        members.group_set_id,
        members.group_id,
        any_value(twice.parts) as parts,
        count(*) as n_people,
        cast(sum(n_answered) as bigint) as n_answers,
        cast(sum(n_favorable) as bigint) as n_favorable,
        sum(cast(n_favorable * n_favorable as bigint)) as favorable_squares,
        sum(cast(n_favorable * n_answered as bigint)) as favorable_products,
        sum(cast(n_answered * n_answered as bigint)) as answer_squares,
        sum(cast(score_parts as hugeint)) as score_parts,
        sum(cast(score_parts as hugeint) * score_parts) as score_part_squares,
        sum(cast(favorable_parts as hugeint)) as favorable_parts,
        sum(cast(favorable_parts as hugeint) * favorable_parts) as favorable_part_squares,
    from twice
    inner join members on twice.slot = members.slot and twice.person_id = members.person_id
    where members.unit_id <> ''
    group by
        twice.slot, twice.scale_id, twice.is_without_flagged,
        members.unit_type, members.unit_id, members.group_set_id, members.group_id
),

scale_sums as (
    select
        summed.*,
        eligible.n_eligible,
        windows.window_id,
        windows.school_year,
        windows.opens_on,
        windows.closes_on,
        windows.is_provisional,
    from summed
    inner join eligible using (slot, unit_type, unit_id, group_set_id, group_id)
    inner join {{ ref('int_survey__windows') }} as windows on summed.slot = windows.slot
)

select * from scale_sums
