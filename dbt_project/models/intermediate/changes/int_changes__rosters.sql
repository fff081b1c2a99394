with

calendars as (
    select
        cast(slot as integer) as school_year,
        {{ content_of('source_id, calendar_id, school_id, grades, on_date, day_kind, is_instructional') }} as content,
        max(on_date) filter (is_instructional) as last_on,
    from {{ ref('int_calendar__days') }}
    group by slot
),

enrolled as (
    select
        school_year,
        {{ rows_of_batch() }} as content,
    from {{ ref('stg_landed__enrollment') }}
    group by school_year, batch_id
),

enrollment as (
    select
        school_year,
        string_agg(content, ' ' order by content) as content,
    from enrolled
    group by school_year
),

described as (
    select {{ rows_of_batch() }} as content
    from {{ ref('stg_landed__student_attributes') }}
    group by batch_id
),

sets as (
    select {{ content_of('group_set_id, attribute, value, group_id, group_no, member_on, unmapped') }} as content
    from {{ ref('stg_declared__groups') }}
),

told as (
    select
        school_year,
        {{ content_of('group_set_id, group_id, told_id') }} as content,
    from {{ ref('int_groups__told') }}
    group by school_year
),

-- what holds in every year: an attribute holds until the next one
settings as (
    select
        sets.content as sets,
        (select string_agg(content, ' ' order by content) from described) as attributes,
        (
            select {{ content_of('day_kind, weight_numerator, weight_denominator') }}
            from {{ ref('stg_declared__day_weights') }}
        ) as weights,
        (select string_agg(is_exit_day_member) from {{ ref('stg_declared__district') }}) as exits,
    from sets
),

rosters as (
    select
        school_year,
        concat_ws('/', settings.sets, told.content) as sets,
        md5(
            concat_ws(
                '/', enrollment.content, calendars.content, settings.sets, told.content, settings.attributes,
                settings.weights, settings.exits
            )
        ) as roster,
        md5(concat_ws('/', calendars.content, settings.weights)) as schedule,
        least(calendars.last_on, through.through_on) as through_on,
    from enrollment
    full join calendars using (school_year)
    left join told using (school_year)
    cross join settings
    cross join {{ source('landed', 'through') }} as through
)

select * from rosters
