with

sent_on as (
    select distinct on_date from {{ source('landed', 'changed_attendance_submissions') }}
)

select * from sent_on
