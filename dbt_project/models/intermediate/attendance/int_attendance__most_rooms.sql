with

sent as (
    select
        sent.*,
        dates.school_year,
    from {{ ref('int_attendance__sent') }} as sent
    inner join {{ ref('int_calendar__dates') }} as dates on sent.on_date = dates.on_date
),

-- a school that sends for all grades at once names none
most_rooms as (
    select
        sent.school_id,
        sent.grade,
        sent.school_year,
        max(sent.n_rooms + coalesce(whole.n_rooms, 0)) as most_rooms,
    from sent
    left join sent as whole
        on
            sent.school_id = whole.school_id and sent.on_date = whole.on_date
            and sent.grade is not null and whole.grade is null
    group by sent.school_id, sent.grade, sent.school_year
)

select * from most_rooms
