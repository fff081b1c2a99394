{{ config(materialized='view', once=true, stale='int_changes__touched_periods') }}
with

{{ counted_units(ref('int_attendance__profile_flags')) }},

profile_counts as (
    select
        summed.* exclude (unit_no, n_repeated),
        units.unit_type,
        units.unit_id,
        summed.n_judged - case when summed.is_duplicated then summed.n_repeated else 0 end as n_people,
    from summed
    inner join {{ ref('int_attendance__units') }} as units on summed.unit_no = units.unit_no
)

select * from profile_counts
