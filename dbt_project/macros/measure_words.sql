-- Say in words what each measure is, its numerator and its denominator.
{% macro measure_words() -%}
    select listed.*
    from (
        values
        (
            'attendance_rate', 'share', 'Days attended out of days enrolled and measured.', 'days attended',
            'days enrolled and measured'
        ),
        (
            'chronic_absence', 'share', 'Students who missed too much school.',
            'students counted as chronically absent', 'students enrolled long enough and measured'
        ),
        (
            'submission_completeness', 'share', 'Attendance taken and sent, out of what was due.',
            'registers sent', 'registers due'
        ),
        ('response_rate', 'share', 'Usable responses out of those asked.', 'usable responses', 'people asked'),
        (
            'percent_favorable', 'share', 'Answers in the favorable options of a scale.', 'favorable answers',
            'usable answers'
        ),
        ('scale_mean', 'score', 'Mean of the scale over the people who answered it.', 'sum of scores', 'people'),
        ('rubric_profile', 'share', 'Units rated 3 or 4 on a rubric item.', 'units rated 3 or 4', 'units rated'),
        (
            'walkthrough_rating', 'score', 'Mean rating of the rooms seen; coverage stands beside it.',
            'sum of the rooms'' mean ratings', 'rooms seen'
        ),
        (
            'dosage', 'share', 'Sessions delivered out of those planned to date.', 'sessions delivered',
            'sessions planned'
        ),
        (
            'adherence', 'share', 'Core parts of the delivered sessions that were carried out as planned.',
            'core parts carried out', 'core parts planned'
        ),
        ('plan_execution', 'share', 'Plan steps done on time, out of those due.', 'steps done on time', 'steps due'),
        (
            'average_daily_attendance', 'students', 'Students attending on an average school day.', 'days attended',
            'school days'
        ),
        (
            'average_daily_membership', 'students', 'Students enrolled on an average school day.',
            'days enrolled and measured', 'school days'
        ),
        (
            'absence_tier', 'share', 'Students in one of four tiers of days missed: below 5%, 10%, 20%, or above.',
            'students in the tier', 'students measured'
        ),
        (
            'scale_reliability', 'ratio', 'How far the items of a scale agree, from 0 to 1.', 'agreement of its items',
            'variance of its sum'
        ),
        (
            'school_icc', 'ratio', 'How much of what people answer differs from school to school.',
            'variance between schools', 'all variance'
        ),
        (
            'rubric_change', 'share', 'Rubric items that moved since the occasion before.', 'items that moved this way',
            'items compared'
        ),
        (
            'quality', 'score', 'Mean rating of how a session was carried out, each class weighing the same.',
            'sum of the classes'' mean ratings', 'classes rated'
        ),
        ('pd_reach', 'share', 'Staff who came to a training, out of those asked.', 'staff who came', 'staff asked'),
        (
            'plan_lateness', 'days', 'Days by which plan steps are late: half are later, half earlier.',
            'days late of the middle step', 'one step'
        ),
        (
            'process_health', 'share', 'What was due in the process and went as it should.', 'what went as it should',
            'what was due'
        ),
        (
            'lead_times', 'days', 'Days from one event to the next: half took longer, half less.',
            'days of the middle case', 'one case'
        )
    ) as listed (measure_id, value_unit, definition, numerator_words, denominator_words)
{%- endmacro %}
