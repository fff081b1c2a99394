with

sessions as (
    {{ sessions_to_date() }}
),

-- a class weighs the same, however often it was seen
classes as (
    select
        {{ session_place() }},
        unit_type,
        unit_id,
        cast(sum(quality) as decimal(18, 9)) / count(*) as class_mean,
    from sessions
    where is_delivered and quality is not null
    group by all
),

counts as (
    select
        {{ session_place() }},
        sum(cast(class_mean as decimal(18, 9))) as numerator,
        count(*) as denominator,
        -- nothing tells when observers last agreed on what they see
        'provisional' as quality_state,
    from classes
    group by all
),

quality as (
    select
        {{ session_row('quality', {
            'value_unit': "'score'", 'n_observations': 'denominator', 'quality_state': 'quality_state',
        }) }}
    from counts
)

select * from quality
