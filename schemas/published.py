"""Say what the published tables hold: the contracts of ``rpt_``, the only tables reports may read.

Columns, types and keys belong here, the id of a figure, and what each measure counts; how it reads is ``shown``.
How the rows are made is SQL (``dbt_project/models/published``); its YAML is generated from here. Null means that there
is nothing to say; a suppressed figure is never null in ``is_suppressed`` and has its words in ``value_text``.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

PopulationKind = Literal["persons", "rooms", "records"]
Role = Literal["plain", "figure"]

GAP_TEXT = "Not shown to protect privacy"
EXACT = "exact"
ZERO_TEXT = "No students"
NO_DATA_TEXT = "No data collected"
NOT_REPORTED_TEXT = "Not reported"

_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"

FROZEN = "review_figures"
"""Entity of the figures a review was frozen on: rows of ``rpt_review_figures`` as one release showed them."""


@dataclass(frozen=True)
class CountedAs:
    """What a measure counts, which decides who is small.

    Attributes:
        kind: persons, rooms, or records (sessions, plan steps: no people behind a figure).
        is_shared: One person may be counted in several schools, so the schools may sum to more than the district.
        is_asked: Printed where an indicator is declared on it, else not.
    """

    kind: PopulationKind
    is_shared: bool = False
    is_asked: bool = False


POPULATIONS: dict[str, CountedAs] = {
    "attendance_rate": CountedAs("persons", is_shared=True),
    "average_daily_attendance": CountedAs("persons", is_shared=True, is_asked=True),
    "average_daily_membership": CountedAs("persons", is_shared=True, is_asked=True),
    "chronic_absence": CountedAs("persons", is_shared=True),
    "absence_tier": CountedAs("persons", is_shared=True, is_asked=True),
    "submission_completeness": CountedAs("records"),
    "response_rate": CountedAs("persons"),
    "percent_favorable": CountedAs("persons"),
    "scale_mean": CountedAs("persons"),
    "scale_reliability": CountedAs("persons", is_asked=True),
    "school_icc": CountedAs("persons", is_asked=True),
    "rubric_profile": CountedAs("records"),
    "rubric_change": CountedAs("records", is_asked=True),
    "walkthrough_rating": CountedAs("rooms"),
    "dosage": CountedAs("records"),
    "adherence": CountedAs("records"),
    "quality": CountedAs("rooms", is_asked=True),
    "pd_reach": CountedAs("persons", is_shared=True, is_asked=True),
    "plan_execution": CountedAs("records"),
    "plan_lateness": CountedAs("records", is_asked=True),
    "process_health": CountedAs("records", is_asked=True),
    "lead_times": CountedAs("records", is_asked=True),
}
"""What each measure counts. A measure that is not named here is never published."""

AGGREGATED_ESTIMATORS = ("weighted_share", "unweighted_school_mean", "school_share")
"""Estimators of sources that give shares and no counts; a cell without a declared weight is hidden."""

FIGURE_KEY = (
    *("measure_id", "profile_id", "school_year", "period_kind", "period_id", "unit_type", "unit_id"),
    *("group_set_id", "group_id", "subject_id", "estimator"),
)
"""Key of the standard measure row, which names a figure in every audience and release."""


def figure_id(key: Iterable[object]) -> str:
    """Return the id of a figure: equal in all audiences and releases.

    Args:
        key: The values of ``FIGURE_KEY``, in that order.
    """
    digest = sha256("|".join(str(part) for part in key).encode()).digest()
    return "fig_" + base64.b32encode(digest)[:12].decode().lower()


def figure_bits_sql(alias: str) -> str:
    """Return the DuckDB expression of the number behind ``figure_id`` of a row of the standard measure table.

    Args:
        alias: Alias of the table in the statement.
    """
    key = " || '|' || ".join(f"{alias}.{column}" for column in FIGURE_KEY)
    return f"cast('0x' || substr(sha256({key}), 1, 15) as ubigint)"


def read_bits_sql(figure_id: str) -> str:
    """Return the DuckDB expression that reads the number of ``figure_bits_sql`` back from an id; null for no id.

    Args:
        figure_id: A column of ids. Reading the few that are printed is cheaper than writing one for every true row.
    """
    letters = (
        f"(cast(nullif(strpos('{_BASE32}', substr({figure_id}, {place}, 1)), 0) - 1 as ubigint) << {60 - 5 * number})"
        for number, place in enumerate(range(5, 17), start=1)
    )
    return f"case when length({figure_id}) = 16 and starts_with({figure_id}, 'fig_') then {' | '.join(letters)} end"


@dataclass(frozen=True)
class Column:
    """One column: DuckDB's name of its type; role ``figure`` means that it must be empty where a figure is hidden."""

    name: str
    type: str
    role: Role = "plain"


@dataclass(frozen=True)
class Table:
    """The contract of one published table.

    Attributes:
        name: ``rpt_<subject>``.
        grain: What one row is, as words after "One row per".
        key: Columns that name a row and are never null, beside audience and reader.
        columns: All columns in order, audience and reader first.
        source: The models it is made from.
        rules: What a reader of the table must know.
        is_model: A model of the build makes it; else whoever freezes a release writes it.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    source: str
    rules: str
    is_model: bool = True

    @property
    def has_figures(self) -> bool:
        """Say whether rows are figures, with an id, a cell and a gap."""
        return any(column.name == "is_suppressed" for column in self.columns)

    @property
    def figure_columns(self) -> tuple[str, ...]:
        """Return the columns that must be empty where a figure is hidden."""
        return tuple(column.name for column in self.columns if column.role == "figure")


_TYPES = {"text": "varchar", "int": "integer", "long": "bigint", "real": "double", "date": "date", "flag": "boolean"}


def _columns(words: str, role: Role = "plain") -> tuple[Column, ...]:
    """Read ``name name:type …``; text where no type is given."""
    parts = (word.partition(":") for word in words.split())
    return tuple(Column(name, _TYPES[kind or "text"], role) for name, _, kind in parts)


READER = _columns("audience_id reader_unit_id")

FIGURE = (
    *_columns("figure_id cell_id measure_id profile_id indicator_id goal_id school_year:int"),
    *_columns("period_kind period_id period_label period_ends_on:date"),
    *_columns("unit_type unit_id unit_label group_set_id group_id group_label subject_id value_unit shown_as"),
    *_columns("value:real", "figure"),
    *_columns("value_text"),
    *_columns("value_low:real value_high:real n_text interval_low:real interval_high:real", "figure"),
    *_columns("expected:real target:real gap_to_expected:real", "figure"),
    *_columns("change:real change_from change_low:real change_high:real", "figure"),
    *_columns("status"),
    *_columns("certainty reliability:real comparability comparability_reason", "figure"),
    *_columns("is_suppressed:flag"),
    *_columns("quality_state hold_reason", "figure"),
    *_columns("data_through_on:date"),
)
"""The figure block: the columns every table of figures shares (reports.md 9.1)."""

_FIGURES = "int_figures__published"
_FIGURE_RULES = "Hidden figures keep their row; every number in it is null and value_text says why."


def _figures(name: str, grain: str, extra: tuple[Column, ...] = (), rules: str = "") -> Table:
    return Table(
        name,
        f"audience, reader and {grain}",
        ("figure_id",),
        (*READER, *FIGURE, *extra),
        _FIGURES,
        f"{_FIGURE_RULES} {rules}".strip(),
    )


def _facts(words: str) -> tuple[Column, ...]:
    return (*READER, *_columns(words))


_TABLES = (
    Table(
        "rpt_units",
        "audience, reader and unit the reader may see",
        ("unit_id",),
        _facts("unit_id unit_label unit_type is_own:flag"),
        "dim_units, stg_declared__audiences",
        "is_own marks the unit the edition is about.",
    ),
    _figures(
        "rpt_measures",
        "standard measure row",
        _columns("definition_edition"),
        "Expected and target stand beside the value. Of surveys and rubrics, definition_edition is the edition since "
        "which the same is asked: no line joins two of them.",
    ),
    _figures(
        "rpt_indicator_status",
        "indicator, unit and group, newest period",
        (
            *_columns("indicator_label indicator_kind indicator_no:int direction owner_label"),
            *_columns("p_meet:real status_reason baseline:real", "figure"),
            *_columns("forecast_low:real forecast_median:real forecast_high:real forecast_chance:real", "figure"),
            *_columns("judged_by", "figure"),
        ),
        "judged_by says what the status is of: the figure beside its expected value (aim_line), or the school's whole "
        "year (forecast); status_reason says why it cannot be told. Forecast: of a school's whole year, and its chance "
        "to meet the year's target, in steps of 5 percent.",
    ),
    Table(
        "rpt_trajectories",
        "audience, reader and indicator, unit, group and date",
        ("indicator_id", "unit_type", "unit_id", "group_set_id", "group_id", "on_date"),
        _facts(
            "indicator_id school_year:int unit_type unit_id group_set_id group_id on_date:date period_kind period_id"
            " expected:real expected_low:real expected_high:real"
        ),
        "fct_trajectories",
        "Left out where a figure the path rests on is hidden.",
    ),
    _figures(
        "rpt_survey_scales",
        "wave, scale, unit, group and measure",
        _columns("window_id instrument_id edition wave:int scale_label"),
    ),
    _figures(
        "rpt_survey_collection",
        "window, unit, group and stage",
        (
            *_columns("window_id stage"),
            *_columns("response_rate:real", "figure"),
            *_columns("threshold:real"),
            *_columns("pace_expected:real forecast_low:real forecast_median:real forecast_high:real", "figure"),
            *_columns("nudge:int"),
        ),
        "Stages are eligible, usable; the figure is the count of the stage. Pace and forecast are of usable responses "
        "while the window is open; nudge is the place on the list of whom to remind.",
    ),
    _figures(
        "rpt_rubric",
        "rubric item, occasion and unit",
        (*_columns("window_id instrument_id edition item_label"), *_columns("level_text", "figure")),
    ),
    _figures(
        "rpt_walkthroughs",
        "walkthrough item, window and unit",
        (*_columns("window_id item_label"), *_columns("coverage:real n_rooms:long n_eligible_rooms:long", "figure")),
        "Coverage is rooms seen out of eligible rooms.",
    ),
    Table(
        "rpt_equity",
        "audience, reader and group beside its reference",
        ("figure_id",),
        (
            *(*READER, *FIGURE, *_columns("reference_id reference_label")),
            *_columns("ratio:real ratio_low:real ratio_high:real gap:real gap_low:real gap_high:real", "figure"),
            *_columns("ratio_reason is_enough:flag mix:real rate:real", "figure"),
        ),
        "int_figures__published, fct_equity, fct_composition_split",
        f"{_FIGURE_RULES} Ratio and gap are empty where the reference is hidden, mix and rate where any group is.",
    ),
    _figures(
        "rpt_restatements",
        "official figure of the district that is another now",
        (*_columns("snapshot_id sealed_on:date cause released_on:date"), *_columns("old_value:real", "figure")),
        "Of the newest snapshot that holds it. Cause: what aimline explain --restated told, on released_on.",
    ),
    _figures("rpt_implementation", "implementation measure, subject, period and unit", _columns("subject_label")),
    Table(
        "rpt_plan",
        "audience, reader and goal, strategy or activity",
        ("kind", "plan_id"),
        _facts(
            "kind plan_id plan_no:int goal_id strategy_id plan_text owner_label starts_on:date due_on:date done_on:date"
            " indicator_id baseline:real target:real target_on:date status certainty implementation_status"
            " cost_amount:real cost_note state"
        ),
        "stg_declared__goals, __strategies, __activities; rpt_indicator_status",
        "Status of a goal is its outcome's.",
    ),
    Table(
        "rpt_obligations",
        "audience, reader and dated obligation",
        ("obligation_id",),
        _facts(
            "obligation_id kind label opens_on:date closes_on:date due_on:date state owner_label slack_school_days:int"
            " window_id is_critical:flag depends_on rule frozen_version:int"
        ),
        "int_plan__obligation_states",
        "State is judged on the as-of date. frozen_version 0: nobody froze this date.",
    ),
    Table(
        "rpt_arrivals",
        "audience, reader and feed and due date",
        ("source_id", "expected_on"),
        _facts(
            "source_id source_label expected_on:date arrived_on:date state n_received:long n_accepted:long"
            " n_quarantined:long n_ignored:long owner_label"
        ),
        "stg_ledger__events",
        "received = accepted + quarantined + ignored. Counts only, never values. What has not come is expected, due "
        "where its day is over, late once a night told so; missing where its day was over before nights looked for it.",
    ),
    Table(
        "rpt_quarantine",
        "audience, reader and batch and rule",
        ("batch_id", "reason"),
        _facts("batch_id source_id source_label reason remedy n_rows:long owner_label received_on:date"),
        "stg_ledger__events",
        "Reasons and counts only, never values.",
    ),
    Table(
        "rpt_runs",
        "audience, reader and night and step",
        ("night_on", "step"),
        _facts("night_on:date step state message"),
        "stg_ledger__events",
        "Finished nights; how long a step took is with the orchestrator, not in a release.",
    ),
    Table(
        "rpt_alerts",
        "audience, reader and alert",
        ("alert_id",),
        (
            *(*READER, *FIGURE),
            *_columns(
                "alert_id episode:int kind indicator_label since_on:date rule owner_label next_step state sentence"
                " phrases"
            ),
            *_columns("judged_by forecast_median:real", "figure"),
        ),
        _FIGURES,
        f"{_FIGURE_RULES} The figure is the newest one of the alert's series, which may have several alerts; its size "
        "is gap_to_expected, or where judged_by is forecast, how far the year to expect is from its target. "
        "phrases are the sentence as other languages say it: its English with places, and what stands in them.",
    ),
    _figures(
        "rpt_chart_points",
        "period of a tested series",
        (
            *_columns("phase:int"),
            *_columns("center:real limit_low:real limit_high:real", "figure"),
            *_columns("rule is_excluded:flag is_provisional:flag chart preset"),
        ),
        "Limits come from the baseline; rule says which rule of the preset a point meets.",
    ),
    _figures(
        "rpt_funnel",
        "term that is over and school of a compared indicator",
        (
            *_columns("center:real limit_low:real limit_high:real verdict is_trim_dependent:flag", "figure"),
            *_columns("is_newest:flag"),
        ),
        "Center and limits come from the schools that are shown, and allow for how they differ; verdict is unusual, as "
        "others or schools differ widely. A verdict that is_trim_dependent turns with the share of tempered schools.",
    ),
    Table(
        "rpt_notes",
        "audience, reader and single day that was an event of the district or of a school",
        ("note_id",),
        _facts("note_id indicator_id scope unit_id noted_on:date"),
        "fct_alert_events, int_signals__series",
        "Of a school only while its weeks are shown to everybody. It holds no number: a day has no figure of its own.",
    ),
    Table(
        "rpt_reviews",
        "audience, reader and review",
        ("review_id",),
        _facts(
            "review_id kind review_label scope unit_id packet_on:date meets_on:date decide_by:date state edition:int"
            " completeness:real is_late:flag evidence_release_id evidence_as_of:date next_step next_owner_label"
        ),
        "stg_declared__reviews, stg_ledger__events",
        "Evidence is the release the review was frozen on.",
    ),
    _figures(
        "rpt_review_figures",
        "review and frozen figure",
        (
            *_columns("review_id evidence_release_id source_figure_id indicator_label indicator_kind indicator_no:int"),
            *_columns("status_reason", "figure"),
        ),
        "Copied from a release, already protected, and never changed.",
    ),
    Table(
        "rpt_decisions",
        "audience, reader and decision",
        ("decision_id",),
        _facts(
            "decision_id review_id kind about_kind about_id disposition what why public_text evidence"
            " evidence_release_id owner_label due_on:date revisit_on:date cost_amount:real currency status state"
        ),
        "stg_declared__decisions, stg_ledger__events",
        "Evidence is a list of figure ids, separated by blanks.",
    ),
    Table(
        "rpt_definitions",
        "audience, reader and measure, profile and indicator",
        ("measure_id", "profile_id", "indicator_id"),
        _facts(
            "measure_id profile_id indicator_id indicator_label indicator_no:int definition numerator_words"
            " denominator_words citation value_unit direction expected_rule status_rule owner_label profile_label"
            " former_profile_id former_label former_definition changed_from:int edition_change tested_on published"
        ),
        "dim_indicators, dim_profiles, stg_declared__subject_definitions, stg_declared__crosswalk",
        "The words a figure's methods page prints. Former: the definition that this one has replaced, from which year. "
        "edition_change: which edition replaced which, and how many items stayed. published: what others found of such "
        "scales.",
    ),
    Table(
        "rpt_cycles",
        "audience, reader and short cycle",
        ("cycle_id",),
        _facts("cycle_id scope unit_id aim change prediction predicted_on:date state verdict learned owner_label"),
        "stg_declared__cycles",
        "A cycle is seen by its own school and by district readers.",
    ),
    Table(
        "rpt_certificates",
        "audience, reader, release, view and population",
        ("released_on", "view", "population"),
        _facts(
            "released_on:date view population n_layers:long n_cells:long n_hidden:long n_targets:long n_asked:long"
            " n_exact:long n_results:long n_narrow:long n_pools:long n_undecided:long n_width:long n_printed:long"
            " n_unprinted:long n_moved:long n_insider:long n_sums:long state policy_version approver"
        ),
        "disclosure_audit, the audit of the release",
        "Counts only. Of earlier releases one row each, population 'all'.",
        is_model=False,
    ),
    Table(
        "rpt_coarsening",
        "audience, reader and school year",
        ("year_label",),
        _facts(
            "year_label level_label chosen_on:date why together n_cells_before:long n_small_before:long"
            " n_hidden_before:long n_cells_after:long n_small_after:long n_hidden_after:long"
        ),
        "the journal, coarsening_chosen",
        "Counts of a roster, not of figures. A year has one level for good.",
        is_model=False,
    ),
    Table(
        "rpt_deliveries",
        "audience, reader, day, channel, what and state",
        ("handed_on", "channel_id", "what", "state"),
        _facts("handed_on:date channel_id reader_label way what state n_handed:long"),
        "the journal, delivery and alert_deliveries",
        "What was handed over before this release, on the newest ten days. No recipient is named.",
        is_model=False,
    ),
)

TABLES: dict[str, Table] = {table.name: table for table in _TABLES}
"""The published tables by name."""
