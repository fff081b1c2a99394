{{ config(materialized='by_part', stale='int_survey__touched_pairs', parts=['slot']) }}
with

pairs as (
    select * from {{ ref('int_survey__pairs') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_pairs') }} as touched)
),

scale_sums as (
    select * from {{ ref('int_survey__scale_sums') }}
    where group_id = 'all' and not is_without_flagged
),

people as (
    select * from {{ ref('int_survey__person_scales') }}
    where is_usable
),

lists as (
    select
        pairs.slot,
        pairs.earlier_slot,
        count(*) as n_listed,
        count(earlier.respondent_key) as n_on_both,
    from pairs
    inner join {{ ref('int_survey__roster') }} as later on pairs.slot = later.slot
    left join {{ ref('int_survey__roster') }} as earlier
        on pairs.earlier_slot = earlier.slot and later.respondent_key = earlier.respondent_key
    group by pairs.slot, pairs.earlier_slot
),

matched as (
    select
        pairs.slot,
        pairs.earlier_slot,
        later.scale_id,
        members.unit_type,
        members.unit_id,
        count(*) as n_matched,
        {% for side in ['earlier', 'later'] -%}
            sum(cast({{ side }}.score_parts as hugeint)) as {{ side }}_matched_parts,
            sum(cast({{ side }}.score_parts as hugeint) * {{ side }}.score_parts) as {{ side }}_matched_squares,
        {% endfor -%}
        sum(cast(later.score_parts as hugeint) * earlier.score_parts) as matched_products,
    from pairs
    inner join people as later on pairs.slot = later.slot
    inner join people as earlier
        on
            pairs.earlier_slot = earlier.slot
            and later.person_id = earlier.person_id
            and later.scale_id = earlier.scale_id
            and later.parts = earlier.parts
    inner join {{ ref('int_survey__members') }} as members
        on later.slot = members.slot and later.person_id = members.person_id and members.group_id = 'all'
    where not pairs.is_anonymous and pairs.has_one_each and members.unit_id <> ''
    group by pairs.slot, pairs.earlier_slot, later.scale_id, members.unit_type, members.unit_id
),

changes as (
    select
        pairs.*,
        later.scale_id,
        later.unit_type,
        later.unit_id,
        {% for side in ['earlier', 'later'] -%}
            {{ side }}.parts as {{ side }}_parts,
            {{ side }}.n_people as {{ side }}_n,
            {{ side }}.score_parts as {{ side }}_total,
            {{ side }}.score_part_squares as {{ side }}_squares,
            {{ side }}_counts.n_usable as {{ side }}_usable,
            {{ side }}_counts.n_eligible as {{ side }}_eligible,
        {% endfor -%}
        matched.* exclude (slot, earlier_slot, scale_id, unit_type, unit_id),
        lists.n_listed,
        lists.n_on_both,
    from pairs
    inner join scale_sums as later on pairs.slot = later.slot
    inner join scale_sums as earlier
        on
            pairs.earlier_slot = earlier.slot
            and row(later.scale_id, later.unit_type, later.unit_id)
            = row(earlier.scale_id, earlier.unit_type, earlier.unit_id)
    {% for side, slot in [('earlier', 'earlier_slot'), ('later', 'slot')] -%}
        left join {{ ref('int_survey__response_counts') }} as {{ side }}_counts
            on
                pairs.{{ slot }} = {{ side }}_counts.slot
                and {{ side }}.unit_id = {{ side }}_counts.unit_id
                and {{ side }}_counts.group_id = 'all'
    {% endfor -%}
    left join matched
        on
            row(pairs.slot, pairs.earlier_slot) = row(matched.slot, matched.earlier_slot)
            and row(later.scale_id, later.unit_type, later.unit_id)
            = row(matched.scale_id, matched.unit_type, matched.unit_id)
    left join lists on row(pairs.slot, pairs.earlier_slot) = row(lists.slot, lists.earlier_slot)
)

select * from changes
