with

scale_sums as (
    select
        *,
        n_people * cast(parts as hugeint) as all_parts,
        {{ not_drawn('n_people', 'n_eligible') }} as not_drawn,
    from {{ ref('int_survey__scale_sums') }}
),

item_shares as (
    select * from {{ ref('int_survey__item_shares') }}
),

estimated as (
    select
        *,
        'pooled' as estimator,
        cast(n_favorable as decimal(38, 9)) as numerator,
        cast(n_answers as decimal(38, 9)) as denominator,
        cast(
            cast(n_answers as hugeint) * n_answers * favorable_squares
            - 2 * cast(n_favorable as hugeint) * n_answers * favorable_products
            + cast(n_favorable as hugeint) * n_favorable * answer_squares as double
        ) / pow(n_answers, 4) * not_drawn as variance,
    from scale_sums
    union all
    select
        *,
        'person_mean' as estimator,
        cast(favorable_parts as decimal(38, 9)) as numerator,
        cast(all_parts as decimal(38, 9)) as denominator,
        cast(n_people * favorable_part_squares - favorable_parts * favorable_parts as double)
        / pow(cast(all_parts as double), 2) / n_people * not_drawn as variance,
    from scale_sums
    union all
    select
        scale_sums.*,
        'item_mean' as estimator,
        cast(item_shares.shares as decimal(38, 9)) as numerator,
        cast(item_shares.n_items as decimal(38, 9)) as denominator,
        null as variance,
    from scale_sums
    inner join item_shares using (slot, scale_id, is_without_flagged, unit_type, unit_id, group_set_id, group_id)
),

favorable_shares as (
    select
        * exclude (not_drawn, all_parts, estimator),
        estimator || if(is_without_flagged, '_no_flags', '') as estimator,
        cast(numerator / denominator as double) as share,
        coalesce(
            nullif(share * (1 - share) / nullif(variance, 0), 0), if(variance is null, null, n_people)
        ) as n_effective,
    from estimated
)

select * from favorable_shares
