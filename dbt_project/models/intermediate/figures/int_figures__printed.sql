with

reached as (
    select * from {{ ref('int_figures__reached') }}
),

counted as (
    {{ counted_as() }}
),

-- the groups of sets of which not all stand on pages
partitions as (
    select ',' || coalesce(printed_groups, '') || ',' as printed_groups
    from {{ ref('stg_declared__district') }}
),

-- kinds of periods of which anything may be printed, before rows are asked for: by far most rows are of others
kinds as (
    select
        measure_id,
        unnest(['window', 'occasion', 'year']) as period_kind,
    from counted
    union
    select
        measure_id,
        unnest([period_kind, signal_period_kind, 'year_to_date', 'term']) as period_kind,
    from {{ ref('dim_indicators') }}
),

measures as (
    select
        rows.*,
        counted.counted_kind,
        counted.is_shared,
        counted.is_asked,
        rows.school_year = reached.school_year as is_current,
    from {{ ref('int_figures__standing') }} as rows
    inner join kinds on rows.measure_id = kinds.measure_id and rows.period_kind = kinds.period_kind
    inner join counted on rows.measure_id = counted.measure_id
    cross join reached
    where rows.school_year <= reached.school_year
),

series as (
    select distinct
        measures.measure_id,
        measures.profile_id,
        measures.subject_id,
        measures.estimator,
        measures.unit_type,
        measures.group_set_id,
        measures.period_kind,
        indicators.indicator_id,
        indicators.period_kind = measures.period_kind as is_judged,
        coalesce(
            measures.period_kind = if(
                indicators.measure_id in ('dosage', 'chronic_absence'), 'year_to_date', indicators.signal_period_kind
            )
            and indicators.signal_period_kind is not null, false
        ) as is_testable,
        measures.period_kind = 'term' and indicators.signal_period_kind is not null as is_compared,
        indicators.signal_group_ids,
    from measures
    inner join {{ ref('dim_indicators') }} as indicators
        on
            measures.measure_id = indicators.measure_id
            and measures.profile_id = indicators.profile_id
            and (
                measures.subject_id = indicators.subject_id
                -- their subject is the calendar whose days are counted, where a unit has several
                or measures.measure_id in ('average_daily_attendance', 'average_daily_membership')
            )
    where
        indicators.estimator in (measures.estimator, '')
        and list_contains(indicators.unit_types, measures.unit_type)
        and (measures.group_set_id = 'all' or list_contains(indicators.group_set_ids, measures.group_set_id))
        and (
            measures.period_kind = indicators.period_kind
            or (indicators.series_no = 1 and not list_contains(indicators.series_periods, measures.period_kind))
        )
),

wanted as (
    select
        {{ figure_bits('measures') }} as figure_bits,
        {{ cell_id('measures') }} as cell_id,
        measures.* exclude (
            definition_version, numerator, denominator, n_people, n_observations, n_eligible, n_unmeasured,
            interval_method, n_effective, completeness, is_duplicated
        ),
        case measures.counted_kind when 'persons' then measures.n_people when 'rooms' then measures.n_observations end
            as n_counted,
        measures.estimator in (
            {%- for estimator in published_aggregated_estimators() %}
                '{{ estimator }}'{{ ',' if not loop.last }}
            {%- endfor %}
        ) as is_aggregated,
        series.indicator_id,
        -- of several kinds of terms an indicator is judged by the shortest
        coalesce(series.is_judged, false) and (measures.period_kind <> 'term' or terms.period_id is not null)
            as is_judged,
        coalesce(series.is_testable, false)
        and list_contains(series.signal_group_ids, measures.group_id)
        and (measures.is_current or measures.period_kind = 'window') as is_tested,
    from measures
    left join series
        using (measure_id, profile_id, subject_id, estimator, unit_type, group_set_id, period_kind)
    left join {{ ref('int_calendar__declared_terms') }} as terms
        on measures.period_kind = 'term' and measures.period_id = terms.period_id and terms.is_shortest
    where
        (
            measures.period_kind in ('window', 'occasion', 'year')
            and (measures.is_current or measures.group_set_id = 'all' or series.indicator_id is not null)
            and (not measures.is_asked or series.indicator_id is not null)
        )
        or (
            series.is_judged
            and (measures.period_kind <> 'term' or terms.period_id is not null)
            and (measures.is_current or (measures.unit_type = 'district' and measures.group_set_id = 'all'))
        )
        or is_tested
        or (
            series.is_compared and measures.is_current and measures.group_set_id = 'all'
            and measures.period_id in (select peer_terms.period_id from {{ ref('int_calendar__terms') }} as peer_terms)
        )
),

printed as (
    select
        wanted.* exclude (figure_bits, is_asked),
        {{ figure_id('figure_bits') }} as figure_id,
        least(wanted.period_ends_on, reached.open_through_on) as data_through_on,
    from wanted
    cross join partitions
    cross join reached
    where
        not contains(printed_groups, ',' || group_set_id || '=')
        or contains(printed_groups, ',' || group_set_id || '=' || group_id || ',')
)

select * from printed
