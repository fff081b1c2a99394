-- Categories of marks that may count as absence, each with a column of parts; every other category is presence.
{% macro absence_categories() -%}
    {% do return(['excused', 'unexcused', 'suspended_out', 'suspended_in', 'independent_not_counted']) %}
{%- endmacro %}

-- Type of the states of a member day: a text for each of millions of days would cost more than all else of them.
{% macro day_states() -%}
    enum('present', 'partial', 'absent', 'not_submitted', 'not_yet')
{%- endmacro %}

-- What the sums of the attendance rate are divided by to give days of persons, by the district's row: schools that send
-- counts have persons, not parts.
{% macro parts_of_a_day() -%}
    if(district.attendance_mode = 'counts', 1, {{ var('day_parts') }})
{%- endmacro %}

-- Type of how a member day stands beside others of the student's day: by itself or as the day's owner, beside the owner
-- with parts of its own, or as the owner of a day whose memberships add up to more than one.
{% macro overlap_states() -%}
    enum('alone', 'beside', 'above')
{%- endmacro %}

-- Take a share of whole parts, rounded half up, in integers.
{% macro whole_share(parts, numerator, denominator) -%}
    cast((2 * cast({{ parts }} as bigint) * {{ numerator }} + {{ denominator }}) // (2 * {{ denominator }}) as bigint)
{%- endmacro %}

-- Select the school days of some days or years, with what is known of their attendance.
{% macro sent_days(touched, columns) -%}
    select
        days.*,
        try_cast(submission.submission_state as {{ day_states() }}) as unmeasured_as,
        submission.submission_state = 'submitted' as is_submitted,
        (select district.attendance_mode from {{ ref('stg_declared__district') }} as district) = 'positive'
            as is_positive,
    from {{ ref('int_calendar__instructional_days') }} as days
    inner join {{ touched }} as touched
        on
            {% for column in columns -%}
                {{ 'and ' if not loop.first }}days.{{ column }} = touched.{{ column }}
            {% endfor %}
    inner join {{ ref('int_attendance__submission') }} as submission
        on
            days.school_id = submission.school_id
            and days.grade = submission.grade
            and days.on_date = submission.on_date
{%- endmacro %}

-- The order in which the memberships of a day own it.
{% macro owner_order() -%}
    is_primary desc, entered_on desc, tie_no asc, enrollment_id asc
{%- endmacro %}

-- Say that a school day lies inside a membership.
{% macro is_day_of_span() -%}
    school_days.school_id = spans.school_id
            and school_days.calendar_id = spans.calendar_id
            and school_days.grade = spans.grade
            and school_days.school_year = spans.school_year
            and school_days.on_date between spans.begins_on and spans.last_on
{%- endmacro %}

-- Say that a school day is one of the weekdays on which a member attends.
{% macro is_attended_weekday() -%}
    (
            spans.attends_weekdays is null
            or list_contains(string_split(spans.attends_weekdays, ','), lower(strftime(school_days.on_date, '%a')))
        )
{%- endmacro %}

-- Select the school days inside memberships for which a condition holds.
{% macro days_inside(condition) -%}
    select
        school_days.school_year,
        school_days.on_date,
        school_days.school_id,
        school_days.unmeasured_as,
        school_days.is_submitted,
        school_days.is_positive,
        spans.stay_no,
        spans.student_no,
        spans.is_primary,
        spans.entered_on,
        spans.tie_no,
        spans.enrollment_id,
        cast(
            case
                when spans.attends_weekdays is null
                    then (school_days.day_parts * cast(spans.fte * 1000 as bigint) + 500) // 1000
                else school_days.day_parts
            end as integer
        ) as member_parts,
    from school_days
    inner join spans
        on
            {{ is_day_of_span() }}
    where
        {{ condition }}
        and {{ is_attended_weekday() }}
{%- endmacro %}

-- Add up the marks of the first categories, or of all, cut at a number of parts; null where there is no mark.
{% macro parts_up_to(most, n_categories=none) -%}
    {%- set added = [] -%}
    {%- for category in absence_categories()[:n_categories] %}{% do added.append('marks.' ~ category ~ '_parts') %}{% endfor -%}
    cast(least({{ added | join(' + ') }}, {{ most }}) as integer)
{%- endmacro %}

-- Say whether a member's day is known: sent, and where marks are positive, marked.
{% macro is_measured() -%}
    (days.is_submitted and (marks.student_no is not null or not days.is_positive))
{%- endmacro %}

-- Select, as the CTEs events and day_marks, the marks of the days of a relation: parts by category.
{% macro marks_of(days) -%}
events as (
    select
        *,
        {{ mark_parts() }} as parts,
    from {{ ref('stg_landed__attendance_events') }}
    where on_date in (select touched.on_date from {{ days }} as touched)
),

day_marks as (
    select
        md5_number_lower(student_key) as student_no,
        school_id,
        on_date,
        count(*) as n_marks,
        {% for category in absence_categories() -%}
            cast(coalesce(sum(parts) filter (category = '{{ category }}'), 0) as bigint) as {{ category }}_parts,
        {% endfor -%}
        count(*) filter (category = 'unmapped') as n_unmapped,
    from events
    group by student_no, school_id, on_date
)
{%- endmacro %}

-- Cut the parts of one category so that it and those before it fit the member's day.
{% macro cut_parts(category) -%}
    {%- set place = absence_categories().index(category) -%}
    case
        when {{ is_measured() }}
            then
                case
                    when marks.student_no is null then 0
                    else
                        {{ parts_up_to('days.member_parts', place + 1) }}
                        {%- if place %} - {{ parts_up_to('days.member_parts', place) }}{% endif %}
                end
    end
{%- endmacro %}

-- Add up the parts that one side of a pair of ways to read a day counts.
{% macro counted_parts(side) -%}
    {%- for category in absence_categories() -%}
        {{ ' + ' if not loop.first }}case when counts_{{ category }}_{{ side }} then {{ category }}_parts else 0 end
    {%- endfor -%}
{%- endmacro %}

-- Put two sums of a year side by side in one number, of which one running sum is made instead of two: each is below
-- 2 ** 31, which is more than 30,000 school days.
{% macro packed(high, low) -%}
    cast({{ high }} as bigint) * 2147483648 + {{ low }}
{%- endmacro %}

{% macro unpacked(both, high, low) -%}
    ({{ both }} >> 31) as {{ high }},
    {{ packed_low(both) }} as {{ low }},
{%- endmacro %}

-- The second of two numbers side by side.
{% macro packed_low(both) -%}
    ({{ both }} & 2147483647)
{%- endmacro %}

-- The kept sums as they are packed.
{% macro packed_sums() -%}
    {% do return({
        'days': ('n_member_days', 'n_unmeasured_days'),
        'parts': ('member_parts', 'measured_parts'),
        'absences': ('absent_parts_0', 'absent_parts_1'),
    }) %}
{%- endmacro %}

-- Name how a day is read: the categories that count, and what a part of a day is worth.
{% macro basis_id(alias='') -%}
    {%- set from = alias ~ '.' if alias else '' -%}
    {{ from }}counts || ' ' || {{ from }}partial_day
{%- endmacro %}

-- Say whether a figure of attendance may be reported: measured of expected against the declared gate.
{% macro quality_state(measured, expected) -%}
    case
        when
            {{ measured }} * district.period_gate_denominator < district.period_gate_numerator * {{ expected }}
            or {{ measured }} = 0 then 'withheld'
        else 'ok'
    end
{%- endmacro %}

{% macro hold_reason() -%}
    case when quality_state = 'withheld' then 'incomplete_submission' end
{%- endmacro %}

-- What is added up of a student: days and day parts.
{% macro student_sums() -%}
    {% do return(['n_member_days', 'n_unmeasured_days', 'member_parts', 'measured_parts', 'absent_parts']) %}
{%- endmacro %}

-- The same as they are kept: two ways to read a day stand side by side, so that most districts have one row, not two.
{% macro kept_sums() -%}
    {% do return(student_sums()[:-1] + ['absent_parts_0', 'absent_parts_1']) %}
{%- endmacro %}

-- Tiers of days missed, from the least.
{% macro absence_tiers() -%}
    {% do return(['satisfactory', 'at_risk', 'moderate', 'severe']) %}
{%- endmacro %}

-- Say how many parts of a day a mark tells of: by fraction, periods or minutes, else the whole day.
{% macro mark_parts(alias='') -%}
    {%- set from = alias ~ '.' if alias else '' -%}
    case
        when {{ from }}absence_fraction is not null
            then cast(round({{ var('day_parts') }} * {{ from }}absence_fraction) as bigint)
        when {{ from }}periods_scheduled > 0
            then {{ whole_share(var('day_parts'), from ~ 'periods_absent', from ~ 'periods_scheduled') }}
        when {{ from }}minutes_scheduled > 0
            then {{ whole_share(var('day_parts'), from ~ 'minutes_absent', from ~ 'minutes_scheduled') }}
        else {{ var('day_parts') }}
    end
{%- endmacro %}

-- Select, as the CTEs crowded and spans, every membership; is_only says that the student has no other that year.
{% macro counted_spans() -%}
-- few have several memberships in a year: they are looked up, as numbering everybody's takes a second of a large district
crowded as (
    select
        student_no,
        school_year,
    from {{ ref('int_attendance__memberships') }}
    group by student_no, school_year
    having count(*) > 1
),

spans as (
    select
        memberships.*,
        crowded.student_no is null as is_only,
    from {{ ref('int_attendance__memberships') }} as memberships
    left join crowded using (student_no, school_year)
)
{%- endmacro %}

-- Select, as the CTEs spans, alone, several, ranked and owned, the days of the CTE school_days inside memberships, each
-- with who owns it.
{% macro owned_days() -%}
{{ counted_spans() }},

alone as (
    {{ days_inside('spans.is_only') }}
),

several as (
    {{ days_inside('not spans.is_only') }}
),

-- of two memberships in one school and on one day there is one row, which may hold the parts of both
ranked as (
    select
        *,
        (select district.overlap from {{ ref('stg_declared__district') }} as district) = 'share' as is_sharing,
        row_number() over (partition by student_no, on_date order by {{ owner_order() }}) = 1 as is_first,
        -- a day that still comes in one school counts where it is known
        row_number() over (
            partition by student_no, on_date
            order by coalesce(unmeasured_as = 'not_yet', false) asc, {{ owner_order() }}
        ) = 1 as is_counting,
        sum(member_parts) over (partition by student_no, on_date) > {{ var('day_parts') }} as is_above,
        cast(sum(member_parts) over (partition by student_no, school_id, on_date) as integer) as school_parts,
    from several
    qualify row_number() over (partition by student_no, school_id, on_date order by {{ owner_order() }}) = 1
),

owned as (
    select
        *,
        true as is_owner,
        cast('alone' as {{ overlap_states() }}) as overlap_state,
    from alone
    union all by name
    select
        * exclude (is_sharing, is_first, is_counting, is_above, school_parts)
        replace (if(is_sharing and not is_above, school_parts, member_parts) as member_parts),
        is_first or (is_sharing and not is_above) as is_owner,
        cast(
            case
                when not is_sharing or is_above then if(is_sharing and is_first, 'above', 'alone')
                else if(is_counting, 'alone', 'beside')
            end as {{ overlap_states() }}
        ) as overlap_state,
    from ranked
)
{%- endmacro %}

-- Select, as the CTE owned, the days of memberships that no marks can have yet: of the years of a relation, where `ahead`.
{% macro days_to_come(years, ahead) -%}
{{ scopes(years) }},

{{ told_days(ahead) }},

school_days as (
    select
        *,
        cast(null as {{ day_states() }}) as unmeasured_as,
        false as is_submitted,
        false as is_positive,
    from instructional_days
),

{{ owned_days() }}
{%- endmacro %}

{#
Add up, as the CTE units, school days of feeds that count schools, by the CTE periods (school_year, period_kind, period_id,
piece_id); `piece` is how a day's piece is written.
#}
{% macro counted_schools(piece) -%}
pieces as (
    select
        days.school_year,
        {{ piece }} as piece_id,
        days.school_id,
        max(days.n_people) as n_people,
        bool_or(days.has_counts) as has_counts,
        count(*) filter (days.day_state = 'reported') as n_reported,
        count(*) as n_listed,
        sum(days.n_people) filter (days.day_state = 'reported') as expected,
        sum(
            case when days.has_counts then days.n_present else days.n_people * days.attendance_share end
        ) filter (days.day_state = 'reported') as present,
        sum(days.attendance_share) filter (days.day_state = 'reported') as shares,
    from {{ ref('int_attendance__count_days') }} as days
    inner join {{ ref('int_calendar__dates') }} as dates on days.on_date = dates.on_date
    where days.day_state not in ('closed', 'closed_or_not_reported')
    group by days.school_year, {{ piece }}, days.school_id
),

schools as (
    select
        pieces.school_year,
        periods.period_kind,
        periods.period_id,
        pieces.school_id,
        max(pieces.n_people) as n_people,
        bool_or(pieces.has_counts) as has_counts,
        cast(sum(pieces.n_reported) as bigint) as n_reported,
        cast(sum(pieces.n_listed) as bigint) as n_listed,
        sum(pieces.expected) as expected,
        sum(pieces.present) as present,
        sum(pieces.shares) as shares,
    from pieces
    inner join periods on pieces.school_year = periods.school_year and pieces.piece_id = periods.piece_id
    group by pieces.school_year, periods.period_kind, periods.period_id, pieces.school_id
),

units as (
    select
        * exclude (school_id),
        'school' as unit_type,
        school_id as unit_id,
        case when has_counts then '' else 'school_share' end as estimator,
        case when has_counts then present else shares end as numerator,
        case when has_counts then expected else n_reported end as denominator,
    from schools
    union all by name
    select
        schools.school_year,
        schools.period_kind,
        schools.period_id,
        sum(schools.n_people) filter (schools.n_reported > 0) as n_people,
        bool_and(schools.has_counts) as has_counts,
        sum(schools.n_reported) as n_reported,
        sum(schools.n_listed) as n_listed,
        'district' as unit_type,
        any_value(district.district_id) as unit_id,
        case
            when bool_and(schools.has_counts) then ''
            when any_value(district.weight_source) is null then 'unweighted_school_mean'
            else 'weighted_share'
        end as estimator,
        case when estimator = 'unweighted_school_mean' then sum(schools.shares) else sum(schools.present) end
            as numerator,
        case when estimator = 'unweighted_school_mean' then sum(schools.n_reported) else sum(schools.expected) end
            as denominator,
    from schools
    cross join {{ ref('stg_declared__district') }} as district
    group by schools.school_year, schools.period_kind, schools.period_id
)
{%- endmacro %}

-- Add up squares and products of what students missed and were measured on, in thousandths of days: of whole parts they
-- would not fit. Where `asked` is not so there are none: no error is told there.
{% macro squares_of(absent, measured, asked='true') -%}
    {%- set thousandth = thousandth_of_a_day() -%}
    {%- set pairs = {'absent_squares': [absent, absent], 'products': [absent, measured], 'measured_squares': [measured, measured]} -%}
    {% for name, (one, other) in pairs.items() -%}
        sum(case when {{ asked }} then ({{ one }} // {{ thousandth }}) * ({{ other }} // {{ thousandth }}) end) as {{ name }},
    {% endfor %}
{%- endmacro %}

-- The parts of a day in which squares are added up.
{% macro thousandth_of_a_day() -%}
    ({{ var('day_parts') }} // 1000)
{%- endmacro %}
