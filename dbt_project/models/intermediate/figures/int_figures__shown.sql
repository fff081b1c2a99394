with

bands as (
    select
        band as band_low,
        lead(band) over (order by band) - 1 as band_high,
        band_low || coalesce('–' || band_high, '+') as band_text,
    from (
        select unnest(from_json(count_bands, '["INTEGER"]')) as band
        from {{ ref('stg_declared__district') }}
    )
),

caps as (
    select
        cap.from as cap_from,
        lead(cap.from) over (order by cap.from) - 1 as cap_to,
        cap.low as least,
        cap.high as most,
    from (
        select unnest(from_json(size_caps, '[{"from": "INTEGER", "low": "INTEGER", "high": "INTEGER"}]')) as cap
        from {{ ref('stg_declared__district') }}
    )
),

judged as (
    select
        printed.*,
        printed.counted_kind <> 'records' and pattern.is_suppressed as is_hidden,
        printed.school_year - 1 || '-' || right(cast(printed.school_year as varchar), 2) as year_label,
        evaluations.status,
        evaluations.certainty,
        coalesce(evaluations.interval_low, printed.interval_low) as low,
        coalesce(evaluations.interval_high, printed.interval_high) as high,
        path.expected,
        path.target,
        definitions.definition_edition,
        coalesce(definitions.first_year, 0) as definition_year,
        printed.value_unit = 'share' as is_share,
    from {{ ref('int_figures__printed') }} as printed
    left join {{ ref('int_disclosure__pattern') }} as pattern
        on
            printed.population_id = pattern.population_id
            and printed.measure_id = pattern.measure_id
            and printed.cell_id = pattern.cell_id
    left join {{ ref('fct_judged_figures') }} as evaluations on printed.figure_id = evaluations.figure_id
    left join {{ ref('fct_trajectories') }} as path
        on
            printed.indicator_id = path.indicator_id
            and printed.unit_id = path.unit_id
            and printed.group_set_id = path.group_set_id
            and printed.group_id = path.group_id
            and printed.school_year = path.school_year
            and printed.period_kind = path.period_kind
            and printed.period_id = path.period_id
    left join {{ ref('int_figures__definitions') }} as definitions
        on
            printed.period_id = definitions.window_id
            and printed.school_year = definitions.school_year
            and printed.subject_id = definitions.subject_id
),

numbers as (
    select
        judged.* exclude (value, expected, target, low, high),
        {{ shown_number('judged.value', 'judged.value_unit') }} as value,
        {{ shown_number('judged.expected', 'judged.value_unit') }} as expected,
        {{ shown_number('judged.target', 'judged.value_unit') }} as target,
        {{ shown_number('case when is_share and low < 0 then 0 else low end', 'judged.value_unit') }} as low,
        {{ shown_number('case when is_share and high > 1 then 1 else high end', 'judged.value_unit') }} as high,
        case
            when judged.is_hidden then 'suppressed'
            when judged.quality_state = 'withheld' then 'not_reported'
            when judged.value is not null then 'exact'
            when judged.n_counted = 0 then 'zero'
            else 'none'
        end as shown_as,
        {{ period_label('judged', 'windows') }} as period_label,
        bands.band_text,
        bands.band_low,
        bands.band_high,
        case
            when not is_share or judged.value is null then null
            when 100 * cast(judged.value as decimal(18, 9)) > caps.most then caps.most
            when 100 * cast(judged.value as decimal(18, 9)) < caps.least then -caps.least
        end as cap,
    from judged
    left join bands
        on
            judged.counted_kind = 'persons' and judged.n_counted >= bands.band_low
            and judged.n_counted <= coalesce(bands.band_high, judged.n_counted)
    left join caps
        on
            judged.counted_kind = 'persons' and judged.n_counted >= caps.cap_from
            and judged.n_counted <= coalesce(caps.cap_to, judged.n_counted)
    left join {{ ref('stg_declared__windows') }} as windows
        on judged.period_id = windows.window_id and judged.school_year = windows.school_year
),

-- the figure before by the same definition, and the wave before whatever it asked
earlier as (
    select
        figure_id,
        lag(school_year) over series as school_year,
        lag(period_id) over series as period_id,
        lag(case when shown_as = 'exact' then value end) over series as value,
        lag(case when shown_as = 'exact' then period_label end) over series as label,
        lag(cap is not null) over series as is_capped,
        coalesce(lag(school_year) over series, lag(school_year) over waves) as compared_year,
        coalesce(lag(period_id) over series, lag(period_id) over waves) as compared_id,
    from numbers
    where period_kind in ('window', 'occasion', 'year')
    window
        series as (
            partition by
                period_kind, definition_edition,
                concat_ws('|', unit_id, group_set_id, group_id, measure_id, profile_id, subject_id, estimator)
            order by school_year, period_ends_on, period_id
        ),
        waves as (
            partition by
                period_kind,
                concat_ws('|', unit_id, group_set_id, group_id, measure_id, profile_id, subject_id, estimator)
            order by school_year, period_ends_on, definition_year, period_id
        )
),

figures as (
    select
        {%- for column in published_figure_key() + [
            'figure_id', 'cell_id', 'indicator_id', 'period_label', 'period_ends_on', 'value_unit', 'shown_as',
            'is_judged', 'is_tested', 'is_current', 'definition_edition', 'definition_year',
        ] %}
            compared.{{ column }},
        {%- endfor %}
        indicators.goal_id,
        units.unit_label,
        groups.label_en as group_label,
        case compared.shown_as
            when 'exact' then {{ shown_text('compared.value', 'compared.value_unit') }}
            {%- for word, text in published_words().items() %}
                when '{{ word }}' then '{{ text }}'
            {%- endfor %}
        end as value_text,
        case when compared.is_hidden and compared.is_judged then 'cannot tell' else compared.status end as status,
        compared.is_hidden as is_suppressed,
        compared.data_through_on,
        {%- for column, number in {
            'value': 'compared.value',
            'n_text': "'n = ' || format('{:,}', compared.n_counted)",
            'interval_low': 'compared.low',
            'interval_high': 'compared.high',
            'expected': 'compared.expected',
            'target': 'compared.target',
            'gap_to_expected': shown_number('compared.value - compared.expected', 'compared.value_unit'),
            'change': "case when coalesce(waves.grade, '') <> 'D' then "
            ~ shown_number('compared.value - earlier.value', 'compared.value_unit') ~ ' end',
            'change_from': "case when compared.value is not null and coalesce(waves.grade, '') <> 'D'"
            ~ ' then earlier.label end',
            'comparability': 'waves.grade',
            'comparability_reason': 'coalesce(waves.refused, waves.broken)',
            'certainty': 'compared.certainty',
            'reliability': 'compared.reliability',
            'band_text': 'compared.band_text',
            'band_low': 'compared.band_low',
            'band_high': 'compared.band_high',
            'cap': 'compared.cap',
            'quality_state': 'compared.quality_state',
            'hold_reason': 'compared.hold_reason',
        }.items() %}
            case when not compared.is_hidden then {{ number }} end as {{ column }},
        {%- endfor %}
        {%- for column in ['value_low', 'value_high', 'change_low', 'change_high'] %}
            cast(null as double) as {{ column }},
        {%- endfor %}
        compared.counted_kind,
        coalesce(earlier.is_capped, false) as was_capped,
    from numbers as compared
    left join earlier on compared.figure_id = earlier.figure_id
    -- the district's grade stands for its schools: a school's own would tell who answered there
    left join {{ ref('fct_comparability') }} as waves
        on
            compared.measure_id in ('percent_favorable', 'scale_mean')
            and waves.compares = 'cross_section'
            and waves.unit_type = 'district'
            and compared.subject_id = waves.scale_id
            and row(compared.period_id, compared.school_year) = row(waves.window_id, waves.school_year)
            and row(earlier.compared_id, earlier.compared_year) = row(waves.earlier_window_id, waves.earlier_year)
    left join {{ ref('dim_indicators') }} as indicators on compared.indicator_id = indicators.indicator_id
    left join {{ ref('dim_units') }} as units on compared.unit_id = units.unit_id
    left join {{ ref('dim_groups') }} as groups
        on compared.group_set_id = groups.group_set_id and compared.group_id = groups.group_id
)

select * from figures
