{{ config(materialized='view') }}
with

district as (
    select district_id from {{ ref('stg_declared__district') }}
),

told as (
    select
        'attendance_rate' as measure_id,
        'default' as profile_id,
        *,
    from {{ ref('int_disclosure__attending') }}
    union all by name
    select * exclude (row_mark) from {{ ref('int_disclosure__students') }}
),

students as (
    select
        * exclude (school_id, is_whole),
        '' as subject_id,
        '' as estimator,
        case when school_id = '' then 'district' else 'school' end as unit_type,
        case when school_id = '' then (select district.district_id from district) else school_id end as unit_id,
    from told
    union all by name
    select
        * exclude (school_id, is_whole),
        '' as subject_id,
        '' as estimator,
        'district' as unit_type,
        (select district.district_id from district) as unit_id,
    from told
    where is_whole
),

respondents as (
    select
        * exclude (window_id, row_mark),
        'default' as profile_id,
        'window' as period_kind,
        window_id as period_id,
    from {{ ref('int_disclosure__respondents') }}
),

listed as (
    select
        * exclude (scale_ids, instrument_id),
        instrument_id as subject_id,
    from respondents
),

scored as (
    select
        * exclude (scale_ids, instrument_id, is_out, is_usable),
        unnest(string_split(scale_ids, ',')) as subject_id,
    from respondents
    where scale_ids <> ''
),

{{ survey_layers() }},

people as (
    {%- for name in ['students', 'survey_layers'] %}
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
        from {{ name }}
        {{ '' if loop.last else 'union all by name' }}
    {%- endfor %}
)

select * from people
