with

readers as (
    select * from {{ ref('int_audiences__readers') }}
    where is_told_figures
),

-- the day it began; what follows within the same episode is the same news
days as (
    select
        event_id as note_id,
        indicator_id,
        unit_id,
        period_on as noted_on,
    from {{ ref('fct_alert_events') }}
    where kind = 'sudden' and event_type in ('new', 'reopened', 'worsened')
),

-- of a school only while its weeks are shown to everybody
shown as (
    select distinct
        indicator_id,
        unit_id,
    from {{ ref('int_signals__series') }}
),

notes as (
    select
        readers.audience_id,
        readers.reader_unit_id,
        days.note_id,
        days.indicator_id,
        readers.unit_type as scope,
        days.unit_id,
        days.noted_on,
    from days
    inner join readers on days.unit_id = readers.unit_id
    where
        readers.unit_type = 'district'
        or (days.indicator_id, days.unit_id) in (select (shown.indicator_id, shown.unit_id) from shown)
)

select * from notes
