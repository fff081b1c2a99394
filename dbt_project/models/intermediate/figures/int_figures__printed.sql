with

through as (
    select * from {{ source('landed', 'through') }}
),

current_year as (
    select max(dates.school_year) as school_year
    from {{ ref('int_calendar__dates') }} as dates
    inner join through on dates.on_date <= through.through_on
),

counted as (
    {{ counted_as() }}
),

measures as (
    select
        rows.*,
        counted.counted_kind,
        counted.is_shared,
        rows.school_year = current_year.school_year as is_current,
    from {{ ref('fct_measures') }} as rows
    inner join counted on rows.measure_id = counted.measure_id
    cross join current_year
    where rows.school_year <= current_year.school_year
),

printed as (
    select
        {{ figure_id('measures') }} as figure_id,
        {{ cell_id('measures') }} as cell_id,
        {%- for column in published_figure_key() %}
        measures.{{ column }},
        {%- endfor %}
        measures.population_id,
        measures.period_starts_on,
        measures.period_ends_on,
        measures.value,
        measures.value_unit,
        measures.se,
        measures.interval_low,
        measures.interval_high,
        measures.reliability,
        measures.quality_state,
        measures.hold_reason,
        measures.counted_kind,
        measures.is_shared,
        measures.is_current,
        case measures.counted_kind when 'persons' then measures.n_people when 'rooms' then measures.n_observations end
            as n_counted,
        measures.estimator in ('{{ published_aggregated_estimators() | join("', '") }}') as is_aggregated,
        indicators.indicator_id,
        indicators.period_kind is not distinct from measures.period_kind as is_judged,
    from measures
    left join {{ ref('dim_indicators') }} as indicators
        on
            measures.measure_id = indicators.measure_id
            and measures.profile_id = indicators.profile_id
            and measures.subject_id = indicators.subject_id
            and indicators.estimator in (measures.estimator, '')
            and list_contains(indicators.unit_types, measures.unit_type)
            and (measures.group_set_id = 'all' or list_contains(indicators.group_set_ids, measures.group_set_id))
            and (
                measures.period_kind = indicators.period_kind
                or (indicators.series_no = 1 and not list_contains(indicators.series_periods, measures.period_kind))
            )
    where
        measures.period_kind in ('window', 'occasion', 'year')
        or (measures.is_current and measures.period_kind in ('month', 'year_to_date'))
        or (
            measures.period_kind = indicators.period_kind
            and (measures.is_current or (measures.unit_type = 'district' and measures.group_set_id = 'all'))
        )
)

select * from printed
