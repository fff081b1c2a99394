{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

people as (
    select * from {{ ref('int_survey__people') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

usable as (
    select distinct
        slot,
        person_id,
    from {{ ref('int_survey__dispositions') }}
    where disposition = 'usable'
),

counted as (
    select
        people.slot,
        people.place_no,
        count(usable.person_id) as n_usable,
        count(*) filter (people.is_listed) as n_eligible,
        count(*) filter (people.is_listed and not people.is_out) as n_reachable,
    from people
    left join usable on people.slot = usable.slot and people.person_id = usable.person_id
    group by people.slot, people.place_no
),

response_counts as (
    select
        places.* exclude (place_no),
        {% for column in ['n_usable', 'n_eligible', 'n_reachable'] -%}
            cast(sum(counted.{{ column }}) as bigint) as {{ column }},
        {% endfor %}
    from counted
    inner join {{ ref('int_survey__places') }} as places
        on counted.slot = places.slot and counted.place_no = places.place_no
    group by all
)

select * from response_counts
