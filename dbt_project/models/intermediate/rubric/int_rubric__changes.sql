with

consensus as (
    select * from {{ ref('int_rubric__consensus') }}
    where consensus is not null
),

-- the occasion before, of the same rubric and school
occasions as (
    select
        instrument_id,
        school_id,
        slot,
        any_value(opens_on) as opens_on,
        lag(slot) over (partition by instrument_id, school_id order by any_value(opens_on)) as earlier_slot,
    from consensus
    group by instrument_id, school_id, slot
),

crossings as (
    select
        instrument_id,
        edition,
        unnest(from_json(
            json_extract(spec_json, '$.crosswalk'),
            '[{"from": {"edition": "varchar", "item_id": "varchar"}, "to": "varchar", "match": "varchar"}]'
        )) as crossing,
    from {{ ref('stg_declared__instruments') }}
    where kind = 'rubric'
),

changes as (
    select
        now.*,
        case
            when earlier.consensus is null then 'not_compared'
            when now.consensus > earlier.consensus then 'up'
            when now.consensus < earlier.consensus then 'down'
            else 'same'
        end as direction,
    from consensus as now
    inner join occasions on now.slot = occasions.slot and now.school_id = occasions.school_id
    left join crossings
        on
            now.instrument_id = crossings.instrument_id
            and now.edition = crossings.edition
            and now.item_id = crossings.crossing.to
            and crossings.crossing.match = 'exact'
    left join consensus as earlier
        on
            occasions.earlier_slot = earlier.slot
            and now.school_id = earlier.school_id
            and (
                (now.edition = earlier.edition and now.item_id = earlier.item_id)
                or (
                    crossings.crossing['from'].edition = earlier.edition
                    and crossings.crossing['from'].item_id = earlier.item_id
                )
            )
    where occasions.earlier_slot is not null
)

select * from changes
