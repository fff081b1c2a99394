"""Define the columns of declared facts as rows: what a deployment's YAML looks like in the warehouse.

Only names and types belong here; the shapes of the YAML are in ``schemas/district.py`` and its neighbours, and how a
fact becomes rows is in ``aimline/settings.py``. Types follow the house's endings, so a name is enough. Exact fractions
take two columns, ``<x>_numerator`` and ``<x>_denominator``; lists are joined by commas; labels carry their language.
"""

from schemas.fields import DATE, FLAG, INSTANT, TEXT

DECLARED_BY, FROZEN_BY = "declared", "frozen"
"""Names in place of a source's: of what a deployment's YAML says, and of the figures a review froze."""

_ENDINGS = (
    ("_on", DATE),
    ("_by", DATE),
    ("_from", DATE),
    ("_to", DATE),
    ("_at", INSTANT),
    ("_numerator", "BIGINT"),
    ("_denominator", "BIGINT"),
    ("_no", "INTEGER"),
    ("_year", "INTEGER"),
    ("_days", "INTEGER"),
    ("_years", TEXT),
    ("_amount", "DECIMAL(18,2)"),
)
_STARTS = (("is_", FLAG), ("n_", "INTEGER"))
# A handful of names that read like an ending and are something else.
_OWN_TYPES = {
    "decided_by": TEXT,
    "based_on": TEXT,
    "member_on": TEXT,
    "change_from": TEXT,
    "wave": "INTEGER",
    "frozen_version": "INTEGER",
    "depends_on": TEXT,
}

_KINDS = {
    "district": "district_id label_en label_es time_zone n_min attendance_mode is_exit_day_member overlap no_show"
    " disclosure_policy size_caps count_bands shown_counts printed_groups weight_source weight_label_en"
    " school_day_gate_numerator school_day_gate_denominator"
    " district_day_gate_numerator district_day_gate_denominator period_gate_numerator period_gate_denominator"
    " measured_share_numerator measured_share_denominator signal_q_numerator signal_q_denominator"
    " signal_watch_q_numerator signal_watch_q_denominator n_signal_budget signal_evaluate is_preset_noted peer_terms"
    " peer_trim_numerator peer_trim_denominator",
    "school_zones": "school_id time_zone",
    "terms": "school_year term_kind term_no ends_on",
    "day_weights": "day_kind weight_numerator weight_denominator",
    "profiles": "profile_id measure_id based_on definition_version label_en label_es citation effective_from replaces"
    " overlap_years examples_en counts partial_day missing_days_rule grain min_member_days min_op test_kind"
    " test_numerator"
    " test_denominator test_op n_absent_days grades min_attended_days min_days_by_kind leavers",
    "indicators": "indicator_id indicator_no label_en label_es kind measure_id profile_id also_show subject_id"
    " estimator units group_sets direction period_kind owner_role owner_person owner_label sources"
    " smallest_change_numerator smallest_change_denominator baseline_year baseline_numerator baseline_denominator"
    " on_track_numerator on_track_denominator watch_numerator watch_denominator"
    " interval_numerator interval_denominator signal_period_kind signal_better n_signal_baseline signal_per_year"
    " signal_min_denominator signal_effect_numerator signal_effect_denominator signal_next_step signal_kind"
    " signal_chart signal_rules signal_groups signal_lambda_numerator signal_lambda_denominator is_signal_spike"
    " is_signal_daily signal_change_numerator signal_change_denominator signal_baseline_from signal_baseline_to",
    "targets": "indicator_id target_no unit_type unit_id group_id method begins_year begins_numerator"
    " begins_denominator ends_year ends_numerator ends_denominator n_years rate_numerator rate_denominator",
    "groups": "group_set_id set_label_en set_label_es attribute value group_id label_en label_es group_no member_on"
    " reference unmapped screen_json state_json",
    "goals": "goal_id school_year goal_no statement_en statement_es primary_indicator_id owner_role owner_person"
    " owner_label reviews group_focus",
    "goal_indicators": "goal_id school_year indicator_id role link_no",
    "strategies": "strategy_id goal_id school_year strategy_no statement_en statement_es owner_role owner_person"
    " owner_label scope_schools cost_amount currency funding cost_note",
    "strategy_indicators": "strategy_id goal_id school_year indicator_id dimension target_numerator target_denominator"
    " partly_numerator partly_denominator is_required link_no",
    "activities": "activity_id strategy_id goal_id school_year activity_no label_en label_es starts_on due_on done_on"
    " owner_role owner_person owner_label evidence n_planned_sessions after",
    "milestones": "milestone_id activity_id strategy_id goal_id school_year milestone_no label_en label_es due_on"
    " done_on owner_role owner_person owner_label",
    "people": "person role active_from active_to",
    "instruments": "instrument_id edition kind label_en label_es respondents grades mode usable_numerator"
    " usable_denominator hygiene_json spec_json digest",
    "items": "instrument_id edition item_id item_no option_set_id is_reversed is_multi is_scored text_en text_es"
    " source_column present_if_item present_if_values focus_area",
    "options": "instrument_id edition option_set_id option_no option_value label_en label_es aliases_json counts_as",
    "scales": "instrument_id edition scale_id scale_no label_en label_es score favorable_values estimator"
    " min_answered_numerator min_answered_denominator",
    "scale_items": "instrument_id edition scale_id item_id item_no is_reversed",
    "crosswalk": "instrument_id edition item_id earlier_edition earlier_item_id match",
    "subject_definitions": "instrument_id edition subject_id definition_edition first_year next_year",
    "windows": "window_id school_year kind label_en label_es instrument_id edition wave respondents grades opens_on"
    " closes_on late_until_on threshold_numerator threshold_denominator sources",
    "reviews": "review_id short_id school_year kind scope unit_id label_en label_es packet_on meets_on decide_by"
    " close_by needs goals chair_role scribe_role chair_label",
    "audiences": "audience_id audience_no label_en label_es scope languages pages includes share count knows"
    " is_told_figures",
    "cycles": "cycle_id scope unit_id strategy_id change_idea_id aim change prediction predicted_on indicator_id"
    " group_id starts_on ends_on owner_role owner_label verdict learned state",
    "sources": "source_id source_no entity kind label_en owner_role owner_person owner_label is_about_people load_mode",
    "decisions": "decision_id review_id kind about_kind about_id disposition what why public_text_en public_text_es"
    " evidence evidence_release_id owner_role owner_label due_on revisit_on cost_amount currency status decided_by"
    " decided_on",
    "obligations": "obligation_id school_year kind label_en label_es opens_on closes_on due_on owner_role owner_label"
    " slack_school_days window_id source_id review_id is_critical depends_on rule frozen_version",
}


def _type_of(name: str) -> str:
    """Read a type off a name."""
    if name in _OWN_TYPES:
        return _OWN_TYPES[name]
    for start, kind in _STARTS:
        if name.startswith(start):
            return kind
    return next((kind for ending, kind in _ENDINGS if name.endswith(ending)), TEXT)


DECLARED: dict[str, dict[str, str]] = {
    f"declared_{kind}": {name: _type_of(name) for name in words.split()} for kind, words in _KINDS.items()
}
"""Entity of declared facts -> its columns with their DuckDB types; the envelope comes after them."""
