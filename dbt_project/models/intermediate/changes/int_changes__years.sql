with

dates as (
    select
        school_year,
        md5(string_agg(on_date || piece_id, ' ' order by on_date)) as content,
    from {{ ref('int_calendar__dates') }}
    group by school_year
),

profiles as (
    select md5(string_agg(profile_id || definition_version, ' ' order by profile_id)) as content
    from {{ ref('stg_declared__profiles') }}
),

gates as (
    select
        concat_ws(
            '/', attendance_mode || ',' || overlap || ',' || no_show, weight_source, period_gate_numerator,
            period_gate_denominator, measured_share_numerator, measured_share_denominator, peer_terms,
            school_day_gate_numerator, school_day_gate_denominator, district_day_gate_numerator,
            district_day_gate_denominator
        ) as content,
    from {{ ref('stg_declared__district') }}
),

years as (
    select
        dates.school_year,
        concat_ws('|', profiles.content, gates.content, dates.content) as fingerprint,
    from dates
    cross join profiles
    cross join gates
)

select * from years
