{{ config(materialized='view') }}
with

district as (
    select district_id from {{ ref('stg_declared__district') }}
),

students as (
    select
        * exclude (school_id, is_whole),
        '' as subject_id,
        '' as estimator,
        case when school_id = '' then 'district' else 'school' end as unit_type,
        case when school_id = '' then (select district.district_id from district) else school_id end as unit_id,
    from {{ ref('int_disclosure__students') }}
    union all by name
    select
        * exclude (school_id, is_whole),
        '' as subject_id,
        '' as estimator,
        'district' as unit_type,
        (select district.district_id from district) as unit_id,
    from {{ ref('int_disclosure__students') }}
    where is_whole
),

respondents as (
    select
        * exclude (window_id),
        'default' as profile_id,
        'window' as period_kind,
        window_id as period_id,
    from {{ ref('int_disclosure__respondents') }}
),

listed as (
    select
        'response_rate' as measure_id,
        respondents.* exclude (scale_ids, instrument_id),
        instrument_id as subject_id,
        estimators.estimator,
    from respondents
    cross join (select unnest(['gross', 'net', 'eligible', 'usable']) as estimator) as estimators
    where
        case estimators.estimator
            when 'net' then not respondents.is_out
            when 'usable' then respondents.is_usable
            else true
        end
),

scored as (
    select
        respondents.* exclude (scale_ids, instrument_id),
        unnest(string_split(scale_ids, ',')) as subject_id,
    from respondents
    where scale_ids <> ''
),

answered as (
    select
        scored.*,
        told.measure_id,
        told.estimator,
    from scored
    cross join (
        select
            unnest(['scale_mean', 'percent_favorable', 'percent_favorable', 'percent_favorable']) as measure_id,
            unnest(['', 'pooled', 'person_mean', 'item_mean']) as estimator,
    ) as told
),

people as (
    {%- for name in ['students', 'listed', 'answered'] %}
        select
            measure_id,
            profile_id,
            school_year,
            period_kind,
            period_id,
            subject_id,
            estimator,
            unit_type,
            unit_id,
            student_no,
            groups,
            row_mark,
        from {{ name }}
        {{ '' if loop.last else 'union all by name' }}
    {%- endfor %}
)

select * from people
