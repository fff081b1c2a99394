with

schools as (
    select
        slot,
        scale_id,
        n_people,
        unnest(['score', 'favorable']) as kind,
        unnest([score_parts, favorable_parts]) / cast(parts as double) as total,
        unnest([score_part_squares, favorable_part_squares]) / cast(parts as double) / parts as squares,
    from {{ ref('int_survey__scale_sums') }}
    where unit_type = 'school' and group_id = 'all' and not coalesce(is_without_flagged, false)
),

-- Decimals, because a sum of doubles depends on the order of the rows.
sums as (
    select
        slot,
        scale_id,
        kind,
        count(*) as n_schools,
        sum(n_people) as n_people,
        sum(n_people * n_people) as size_squares,
        sum(cast(total as decimal(38, 12))) as total,
        sum(cast(squares as decimal(38, 12))) as squares,
        sum(cast(total * total / n_people as decimal(38, 12))) as school_squares,
    from schools
    group by slot, scale_id, kind
),

parts as (
    select
        slot,
        scale_id,
        kind,
        n_people as n_in_schools,
        (n_people - size_squares / n_people) / (n_schools - 1) as usual_size,
        (cast(school_squares as double) - cast(total as double) * cast(total as double) / n_people)
        / (n_schools - 1) as between_schools,
        (cast(squares as double) - cast(school_squares as double)) / nullif(n_people - n_schools, 0) as within_schools,
    from sums
    where n_schools >= {{ var('icc_min_schools') }}
),

variances as (
    select
        slot,
        scale_id,
        kind,
        n_in_schools,
        (between_schools - within_schools)
        / nullif(between_schools + (usual_size - 1) * within_schools, 0) as raw_icc,
    from parts
),

school_icc as (
    select
        *,
        if(raw_icc < 0, 0, raw_icc) as school_icc,
    from variances
)

select * from school_icc
