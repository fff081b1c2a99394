{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
{%- set whole = ['n_people', 'n_answers', 'n_favorable'] %}
{%- set squares = ['favorable_squares', 'favorable_products', 'answer_squares'] %}
{%- set parts = ['score_parts', 'score_part_squares', 'favorable_parts', 'favorable_part_squares'] %}
with

people as (
    select * from {{ ref('int_survey__people') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

placed as (
    select
        scales.slot,
        scales.scale_id,
        scales.is_flagged,
        people.place_no,
        any_value(scales.parts) as parts,
        count(*) as n_people,
        sum(n_answered) as n_answers,
        sum(n_favorable) as n_favorable,
        sum(cast(n_favorable * n_favorable as bigint)) as favorable_squares,
        sum(cast(n_favorable * n_answered as bigint)) as favorable_products,
        sum(cast(n_answered * n_answered as bigint)) as answer_squares,
        sum(cast(score_parts as hugeint)) as score_parts,
        sum(cast(score_parts as hugeint) * score_parts) as score_part_squares,
        sum(cast(favorable_parts as hugeint)) as favorable_parts,
        sum(cast(favorable_parts as hugeint) * favorable_parts) as favorable_part_squares,
    from {{ ref('int_survey__person_scales') }} as scales
    inner join people on scales.slot = people.slot and scales.person_id = people.person_id
    group by scales.slot, scales.scale_id, scales.is_flagged, people.place_no
),

{{ with_and_without_flagged('placed') }},

summed as (
    select
        twice.slot,
        twice.scale_id,
        twice.is_without_flagged,
        places.unit_type,
        places.unit_id,
        places.group_set_id,
        places.group_id,
        any_value(twice.parts) as parts,
        {% for column in whole -%}
            cast(sum(twice.{{ column }}) as bigint) as {{ column }},
        {% endfor -%}
        {% for column in squares + parts -%}
            sum(twice.{{ column }}) as {{ column }},
        {% endfor %}
    from twice
    inner join {{ ref('int_survey__places') }} as places
        on twice.slot = places.slot and twice.place_no = places.place_no
    group by
        twice.slot, twice.scale_id, twice.is_without_flagged,
        places.unit_type, places.unit_id, places.group_set_id, places.group_id
),

scale_sums as (
    select
        summed.*,
        counts.n_eligible,
        windows.window_id,
        windows.school_year,
        windows.opens_on,
        windows.closes_on,
        windows.is_provisional,
    from summed
    inner join {{ ref('int_survey__response_counts') }} as counts
        using (slot, unit_type, unit_id, group_set_id, group_id)
    inner join {{ ref('int_survey__windows') }} as windows on summed.slot = windows.slot
)

select * from scale_sums
