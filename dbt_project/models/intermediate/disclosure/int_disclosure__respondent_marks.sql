{{ config(materialized='by_part', stale='int_survey__touched_members', parts=['slot']) }}
with

respondents as (
    select * from {{ ref('int_disclosure__respondents') }}
    where slot in (select touched.slot from {{ ref('int_survey__touched_members') }} as touched)
),

listed as (
    select
        slot,
        window_id,
        school_year,
        instrument_id as subject_id,
        is_out,
        is_usable,
        count(*) as n_rows,
        sum(cast(row_mark as hugeint)) as mark,
    from respondents
    group by slot, window_id, school_year, instrument_id, is_out, is_usable
),

answered as (
    select
        slot,
        window_id,
        school_year,
        unnest(string_split(scale_ids, ',')) as subject_id,
        row_mark,
    from respondents
    where scale_ids <> ''
),

scored as (
    select
        slot,
        window_id,
        school_year,
        subject_id,
        count(*) as n_rows,
        sum(cast(row_mark as hugeint)) as mark,
    from answered
    group by slot, window_id, school_year, subject_id
),

{{ survey_layers() }},

respondent_marks as (
    select
        slot,
        measure_id,
        school_year,
        window_id,
        subject_id,
        estimator,
        cast(sum(n_rows) as bigint) as n_rows,
        sum(mark) as mark,
    from survey_layers
    group by slot, measure_id, school_year, window_id, subject_id, estimator
)

select * from respondent_marks
