with

profiles as (
    select * from {{ ref('stg_declared__profiles') }}
),

worded as (
    select
        *,
        {{ basis_id() }} as basis_id,
        replace(replace(counts, ',', ', '), '_', ' ') as counts_words,
        case grain
            when 'school' then ' at the school'
            when 'level' then ' in the school or the district, each on its own days'
            else ' in the district'
        end as grain_words,
    from profiles
),

dim_profiles as (
    select
        * exclude (counts_words, grain_words),
        case
            when measure_id = 'attendance_rate'
                then 'Days attended out of days enrolled and measured; absent means ' || counts_words || '.'
            else
                'Absent (' || counts_words || ') for '
                || case test_kind
                    when 'absent_days' then 'at least ' || n_absent_days || ' days' || grain_words
                    when 'rounded'
                        then
                            'so long that attendance, rounded to two digits of a percent, is at most '
                            || test_numerator || '/' || test_denominator || ' of measured member days' || grain_words
                    else
                        'at least ' || test_numerator || '/' || test_denominator
                        || ' of measured member days' || grain_words
                end
                || '; ' || case min_op when '>' then 'more than ' else 'at least ' end || min_member_days
                || ' member days'
                || case when partial_day = 'half_rule' then '; half a day missed counts as a whole one' else '' end
                || case when missing_days_rule = 'count_present' then '; unmeasured days count as present' else '' end
                || case when grades is not null then '; grades ' || replace(grades, ',', ', ') else '' end
                || '; leavers count.'
        end as sentence_en,
    from worded
)

select * from dim_profiles
