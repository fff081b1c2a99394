with

regrouped as (
    select * from {{ ref('int_changes__regrouped') }}
),

-- whoever is on no list has no groups but those of the grade told
touched_members as (
    select slot from {{ ref('int_survey__touched_slots') }}
    union
    select roster.slot
    from {{ ref('int_survey__roster') }} as roster
    inner join {{ ref('int_survey__windows') }} as windows on roster.slot = windows.slot
    inner join regrouped
        on
            md5_number_lower(roster.respondent_key) = regrouped.student_no
            and windows.school_year = regrouped.school_year
    union
    select slot from {{ ref('int_survey__windows') }}
    where school_year in (
        select touched.school_year from {{ ref('int_changes__touched_years') }} as touched
        where touched.has_other_sets
    )
)

select * from touched_members
