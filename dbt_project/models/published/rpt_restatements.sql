{{ config(materialized='view') }}
with

-- the district's totals alone: what was hidden of a part when it was sealed, nobody kept
figures as (
    select * from {{ ref('int_figures__published') }}
    where unit_type = 'district' and group_id = 'all' and shown_as = 'exact' and not is_coarse
),

restated as (
    select * from {{ ref('fct_restatements') }}
    where unit_type = 'district' and group_id = 'all' and new_value is not null
    qualify row_number() over (partition by {{ published_figure_key() | join(', ') }} order by sealed_on desc) = 1
),

told as (
    select
        as_of,
        seq,
        unnest(
            from_json(
                json_extract(payload, '$.figures'),
                '[{
                    "figure_id": "VARCHAR",
                    "causes": "VARCHAR",
                    "parts": [{"numerator": "DECIMAL(38, 9)", "denominator": "DECIMAL(38, 9)"}]
                }]'
            )
        ) as figure,
    from {{ ref('stg_ledger__events') }}
    where kind = 'figures_restated'
),

causes as (
    select
        figure.figure_id,
        figure.causes,
        list_sum(list_transform(figure.parts, lambda part: part.numerator)) as numerator_change,
        list_sum(list_transform(figure.parts, lambda part: part.denominator)) as denominator_change,
        as_of as released_on,
    from told
    qualify row_number() over (partition by figure.figure_id order by seq desc) = 1
),

restatements as (
    select
        {{ figure_block('figures') }}
        restated.snapshot_id,
        restated.sealed_on,
        coalesce(
            causes.causes || if(
                row(causes.numerator_change, causes.denominator_change)
                = row(restated.numerator_change, restated.denominator_change),
                '', ', and later changes that are not told yet'
            ),
            if(restated.is_of_other_definition, 'definition', 'not told yet')
        ) as cause,
        causes.released_on,
        {{ shown_number('restated.old_value', 'figures.value_unit') }} as old_value,
    from figures
    inner join restated
        on
            figures.measure_id = restated.measure_id
            and figures.profile_id = restated.profile_id
            and figures.school_year = restated.school_year
            and figures.period_kind = restated.period_kind
            and figures.period_id = restated.period_id
            and figures.unit_id = restated.unit_id
            and figures.group_set_id = restated.group_set_id
            and figures.subject_id = restated.subject_id
    left join causes on figures.figure_id = causes.figure_id
)

select * from restatements
