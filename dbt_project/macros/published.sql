-- Made from schemas/published.py by `make sync`; change it there.
{% macro published_figure_key() %}
    {% do return(["measure_id", "profile_id", "school_year", "period_kind", "period_id", "unit_type", "unit_id", "group_set_id", "group_id", "subject_id", "estimator"]) %}
{% endmacro %}

{% macro published_figure() %}
    {% do return(["figure_id", "cell_id", "measure_id", "profile_id", "indicator_id", "goal_id", "school_year", "period_kind", "period_id", "period_label", "period_ends_on", "unit_type", "unit_id", "unit_label", "group_set_id", "group_id", "group_label", "subject_id", "value_unit", "shown_as", "value", "value_text", "value_low", "value_high", "n_text", "interval_low", "interval_high", "expected", "target", "gap_to_expected", "change", "change_from", "change_low", "change_high", "status", "certainty", "reliability", "comparability", "comparability_reason", "is_suppressed", "quality_state", "hold_reason", "data_through_on"]) %}
{% endmacro %}

{% macro published_counted_as() %}
    {% do return([["attendance_rate", "persons", true], ["chronic_absence", "persons", true], ["submission_completeness", "records", false], ["response_rate", "persons", false], ["percent_favorable", "persons", false], ["scale_mean", "persons", false], ["rubric_profile", "records", false], ["walkthrough_rating", "rooms", false], ["dosage", "records", false], ["plan_execution", "records", false]]) %}
{% endmacro %}

{% macro published_decimals() %}
    {% do return({"share": 2, "score": 2, "ratio": 2, "days": 0, "students": 0, "level": 0, "count": 0}) %}
{% endmacro %}

{% macro published_aggregated_estimators() %}
    {% do return(["weighted_share", "unweighted_school_mean", "school_share"]) %}
{% endmacro %}

{% macro published_words() %}
    {% do return({"suppressed": "Not shown to protect privacy", "zero": "No students", "none": "No data collected", "not_reported": "Not reported"}) %}
{% endmacro %}
