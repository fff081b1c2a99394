with

profiles as (
    select * from {{ ref('stg_declared__profiles') }}
),

named as (
    select distinct unnest([profile_id] || string_split(coalesce(also_show, ''), ',')) as profile_id
    from {{ ref('stg_declared__indicators') }}
),

-- a definition that another replaces ends with the last year in which both are computed, unless something names it
ended as (
    select
        replaces as profile_id,
        max(list_max({{ years_of('overlap_years') }})) as last_year,
    from profiles
    where
        replaces not in (select named.profile_id from named)
        and profile_id in (select named.profile_id from named)
    group by replaces
),

worded as (
    select
        profiles.*,
        list_min({{ years_of('overlap_years') }}) as first_year,
        ended.last_year,
        {{ basis_id() }} as basis_id,
        replace(replace(counts, ',', ', '), '_', ' ') as counts_words,
        case grain
            when 'school' then ' at the school'
            when 'level' then ' in the school or the district, each on its own days'
            else ' in the district'
        end as grain_words,
        case test_op when '>' then 'more than ' else 'at least ' end as test_words,
    from profiles
    left join ended on profiles.profile_id = ended.profile_id and profiles.measure_id = 'chronic_absence'
),

dim_profiles as (
    select
        * exclude (counts_words, grain_words, test_words),
        case
            when measure_id = 'attendance_rate'
                then 'Days attended out of days enrolled and measured; absent means ' || counts_words || '.'
            else
                'Absent (' || counts_words || ') for '
                || case test_kind
                    when 'absent_days' then test_words || n_absent_days || ' days' || grain_words
                    when 'rounded'
                        then
                            'so long that attendance, rounded to 1/' || test_denominator || ' of measured member days'
                            || grain_words || ', is ' || case test_op when '>' then 'below ' else 'at most ' end
                            || test_numerator || '/' || test_denominator
                    else
                        test_words || test_numerator || '/' || test_denominator
                        || ' of measured member days' || grain_words
                end
                || '; ' || case min_op when '>' then 'more than ' else 'at least ' end || min_member_days
                || ' member days'
                || coalesce(' (' || replace(replace(nullif(min_days_by_kind, ''), '=', ' '), ',', ', ') || ')', '')
                || case when min_attended_days > 0 then ', ' || min_attended_days || ' attended' else '' end
                || case when partial_day = 'half_rule' then '; half a day missed counts as a whole one' else '' end
                || case when missing_days_rule = 'count_present' then '; unmeasured days count as present' else '' end
                || case when grades is not null then '; grades ' || replace(grades, ',', ', ') else '' end
                || case leavers when 'in' then '; leavers count.' else '; who has left does not count.' end
        end as sentence_en,
    from worded
)

select * from dim_profiles
