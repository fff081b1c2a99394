-- Type of what an item got of a response.
{% macro answer_states() -%}
    enum('answered', 'skipped', 'not_presented', 'not_applicable')
{%- endmacro %}

-- Reliability of a school's mean: how much of what sets schools apart is more than chance, given its respondents.
{% macro school_mean_reliability() -%}
    case
        when unit_type = 'school' and group_id = 'all'
            then n_people * school_icc / (1 + (n_people - 1) * school_icc)
    end
{%- endmacro %}

-- The people asked in one window of one year.
{% macro survey_population() -%}
    'survey:' || window_id || ':' || school_year
{%- endmacro %}

-- Least common multiple of 1 to n, for scales of up to 30 items; sums of squares of more would not fit a number.
{% macro lcm_up_to(n) -%}
    cast([
        1, 2, 6, 12, 60, 60, 420, 840, 2520, 2520, 27720, 27720, 360360, 360360, 360360, 720720, 12252240,
        12252240, 232792560, 232792560, 232792560, 232792560, 5354228880, 5354228880, 26771144400, 26771144400,
        80313433200, 80313433200, 2329089562800, 2329089562800
    ][{{ n }}] as bigint)
{%- endmacro %}

-- Number, as the CTEs scale_items and parts, the scales of each window: millions of answers meet them by number. An item
-- has its number in the instrument, by which answers name it, and its place in the scale.
{% macro numbered_scales() -%}
scale_items as (
    select
        windows.slot,
        placed.scale_id,
        items.item_no,
        placed.item_no as place,
        count(*) over (partition by windows.slot, placed.scale_id) as n_items,
        cast(dense_rank() over (order by windows.slot, placed.scale_id) as integer) as part_no,
    from {{ ref('int_survey__windows') }} as windows
    inner join {{ ref('stg_declared__scale_items') }} as placed
        on windows.instrument_id = placed.instrument_id and windows.edition = placed.edition
    inner join {{ ref('int_survey__items') }} as items on windows.slot = items.slot and placed.item_id = items.item_id
),

parts as (
    select distinct
        part_no,
        slot,
        scale_id,
        n_items,
    from scale_items
)
{%- endmacro %}

-- The stage of school a grade belongs to.
{% macro grade_band(grade) -%}
    case
        when {{ grade }} in ('PK', 'K', '1', '2', '3', '4', '5') then 'elementary'
        when {{ grade }} in ('6', '7', '8') then 'middle'
        when {{ grade }} in ('9', '10', '11', '12') then 'high'
        else ''
    end
{%- endmacro %}

-- Select the weighted figures of a measure as standard rows.
{% macro weighted_figures(measure_id, unit, estimator, method) -%}
    select
        {{ standard_row({
            'measure_id': "'" ~ measure_id ~ "'", 'school_year': 'windows.school_year', 'period_kind': "'window'",
            'period_id': 'window_id', 'period_starts_on': 'opens_on', 'period_ends_on': 'closes_on',
            'unit_type': 'unit_type', 'unit_id': "coalesce(nullif(unit_id, ''), district_id)", 'subject_id': 'scale_id',
            'estimator': "'" ~ estimator ~ "'", 'value': 'found.value', 'value_unit': "'" ~ unit ~ "'",
            'n_people': 'n_people', 'n_observations': 'n_answers', 'n_eligible': 'n_eligible', 'se': 'se',
            'interval_low': 'found.value - half_width', 'interval_high': 'found.value + half_width',
            'interval_method': "if(half_width is null, null, '" ~ method ~ "')", 'n_effective': 'n_effective',
            'quality_state': "if(why_not is not null, 'withheld', if(is_provisional, 'provisional', 'ok'))",
            'hold_reason': 'why_not', 'population_id': survey_population(),
        }) }}
    from {{ ref('int_survey__weighted') }} as found
    inner join {{ ref('int_survey__windows') }} as windows on found.slot = windows.slot
    where found.measure_id = '{{ measure_id }}'
{%- endmacro %}


-- Select, as the CTE twice, the rows of a relation, and once more without kept responses that are odd, where there are
-- any.
{% macro with_and_without_flagged(relation) -%}
twice as (
    select
        *,
        false as is_without_flagged,
    from {{ relation }}
    union all
    select
        *,
        true as is_without_flagged,
    from {{ relation }}
    where
        not is_flagged
        and (slot, scale_id) in (
            select (odd.slot, odd.scale_id) from {{ relation }} as odd
            where odd.is_flagged
        )
)
{%- endmacro %}
