{{ config(materialized='by_part', stale='int_survey__touched_pairs', parts=['slot']) }}
with

pairs as (
    select * from {{ ref('int_survey__pairs') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_pairs') }} as touched)
),

-- between editions, the items that both ask alone
sums as (
    {%- for side, slot in [('earlier', 'earlier_slot'), ('later', 'slot')] %}
        select
            pairs.slot,
            pairs.earlier_slot,
            '{{ side }}' as side,
            scale_sums.scale_id,
            scale_sums.unit_type,
            scale_sums.unit_id,
            scale_sums.parts,
            scale_sums.n_people,
            scale_sums.score_parts,
            scale_sums.score_part_squares,
        from pairs
        inner join {{ ref('int_survey__scale_sums') }} as scale_sums on pairs.{{ slot }} = scale_sums.slot
        where pairs.is_same_edition and scale_sums.group_id = 'all' and not scale_sums.is_without_flagged
        union all by name
    {%- endfor %}
    select
        common.slot,
        common.earlier_slot,
        common.side,
        common.scale_id,
        members.unit_type,
        members.unit_id,
        any_value(common.parts) as parts,
        count(*) as n_people,
        sum(cast(common.score_parts as hugeint)) as score_parts,
        sum(cast(common.score_parts as hugeint) * common.score_parts) as score_part_squares,
    from {{ ref('int_survey__common_scales') }} as common
    inner join pairs on common.slot = pairs.slot and common.earlier_slot = pairs.earlier_slot
    inner join {{ ref('int_survey__members') }} as members
        on common.of_slot = members.slot and common.person_id = members.person_id and members.group_id = 'all'
    where members.unit_id <> ''
    group by
        common.slot, common.earlier_slot, common.side, common.scale_id, members.unit_type, members.unit_id
),

people as (
    {%- for side, slot in [('earlier', 'earlier_slot'), ('later', 'slot')] %}
        select
            pairs.slot,
            pairs.earlier_slot,
            '{{ side }}' as side,
            scores.scale_id,
            scores.person_id,
            scores.parts,
            scores.score_parts,
        from pairs
        inner join {{ ref('int_survey__person_scales') }} as scores on pairs.{{ slot }} = scores.slot
        where pairs.is_same_edition and scores.is_usable
        union all by name
    {%- endfor %}
    select
        common.slot,
        common.earlier_slot,
        common.side,
        common.scale_id,
        common.person_id,
        common.parts,
        common.score_parts,
    from {{ ref('int_survey__common_scales') }} as common
    inner join pairs on common.slot = pairs.slot and common.earlier_slot = pairs.earlier_slot
    where common.is_usable
),

crossed as (
    select
        slot,
        earlier_slot,
        scale_id,
        any_value(n_exact) as n_exact,
        any_value(n_items) as n_items,
        any_value(is_same_options) as is_same_options,
    from {{ ref('int_survey__common_items') }}
    group by slot, earlier_slot, scale_id
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
    inner join people as later
        on pairs.slot = later.slot and pairs.earlier_slot = later.earlier_slot and later.side = 'later'
    inner join people as earlier
        on
            row(later.slot, later.earlier_slot, later.scale_id, later.person_id, later.parts)
            = row(earlier.slot, earlier.earlier_slot, earlier.scale_id, earlier.person_id, earlier.parts)
            and earlier.side = 'earlier'
    inner join {{ ref('int_survey__members') }} as members
        on later.slot = members.slot and later.person_id = members.person_id and members.group_id = 'all'
    where not pairs.is_anonymous and pairs.has_one_each and members.unit_id <> ''
    group by pairs.slot, pairs.earlier_slot, later.scale_id, members.unit_type, members.unit_id
),

compared as (
    select
        later.slot,
        later.earlier_slot,
        later.scale_id,
        later.unit_type,
        later.unit_id,
        {% for side in ['earlier', 'later'] -%}
            {{ side }}.parts as {{ side }}_parts,
            {{ side }}.n_people as {{ side }}_n,
            {{ side }}.score_parts as {{ side }}_total,
            {{ side }}.score_part_squares as {{ side }}_squares,
        {% endfor -%}
    from sums as later
    inner join sums as earlier
        on
            row(later.slot, later.earlier_slot, later.scale_id, later.unit_type, later.unit_id)
            = row(earlier.slot, earlier.earlier_slot, earlier.scale_id, earlier.unit_type, earlier.unit_id)
            and earlier.side = 'earlier'
    where later.side = 'later'
    -- what no item goes on from is told too, and refused
    union all by name
    select
        scale_sums.slot,
        crossed.earlier_slot,
        scale_sums.scale_id,
        scale_sums.unit_type,
        scale_sums.unit_id,
    from crossed
    inner join pairs on crossed.slot = pairs.slot and crossed.earlier_slot = pairs.earlier_slot
    inner join {{ ref('int_survey__scale_sums') }} as scale_sums
        on crossed.slot = scale_sums.slot and crossed.scale_id = scale_sums.scale_id
    where crossed.n_exact = 0 and scale_sums.group_id = 'all' and not scale_sums.is_without_flagged
),

changes as (
    select
        pairs.*,
        compared.* exclude (slot, earlier_slot),
        coalesce(crossed.n_exact, 1) as n_exact,
        coalesce(crossed.n_items, 1) as n_items,
        if(crossed.slot is null, true, crossed.is_same_options) as is_same_options,
        {% for side in ['earlier', 'later'] -%}
            {{ side }}_counts.n_usable as {{ side }}_usable,
            {{ side }}_counts.n_eligible as {{ side }}_eligible,
        {% endfor -%}
        matched.* exclude (slot, earlier_slot, scale_id, unit_type, unit_id),
        lists.n_listed,
        lists.n_on_both,
    from pairs
    inner join compared on row(pairs.slot, pairs.earlier_slot) = row(compared.slot, compared.earlier_slot)
    left join crossed
        on
            row(compared.slot, compared.earlier_slot, compared.scale_id)
            = row(crossed.slot, crossed.earlier_slot, crossed.scale_id)
    {% for side, slot in [('earlier', 'earlier_slot'), ('later', 'slot')] -%}
        left join {{ ref('int_survey__response_counts') }} as {{ side }}_counts
            on
                pairs.{{ slot }} = {{ side }}_counts.slot
                and compared.unit_id = {{ side }}_counts.unit_id
                and {{ side }}_counts.group_id = 'all'
    {% endfor -%}
    left join matched
        on
            row(pairs.slot, pairs.earlier_slot) = row(matched.slot, matched.earlier_slot)
            and row(compared.scale_id, compared.unit_type, compared.unit_id)
            = row(matched.scale_id, matched.unit_type, matched.unit_id)
    left join lists on row(pairs.slot, pairs.earlier_slot) = row(lists.slot, lists.earlier_slot)
)

select * from changes
