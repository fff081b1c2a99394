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
        ('plan_execution', 'share', 'Plan steps done on time, out of those due.', 'steps done on time', 'steps due')
    ) as listed (measure_id, value_unit, definition, numerator_words, denominator_words)
{%- endmacro %}
