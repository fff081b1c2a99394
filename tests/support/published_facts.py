"""Fill the published tables that are no series: units, plan, dates, arrivals, alerts, reviews, decisions, definitions.

Part of ``published_rows``, which makes the figures. States and counts are invented; words and dates are Riverbend's.
"""

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from aimline.signals.explain import AlertFacts, sentence
from aimline.signals.phrases import Named, english, to_json
from schemas.published import figure_id
from tests.support import published_signals
from tests.support.published_rows import AS_OF, DISTRICT, EVIDENCE, UNITS, YEAR, Unit, figure_row, readers_of

if TYPE_CHECKING:
    from tests.support.published_rows import World

DATES: dict[tuple[int, str], dict[str, Any]] = {
    (YEAR, "sel_survey_fall"): {"opens_on": date(2026, 10, 15), "closes_on": date(2026, 11, 4)},
    (YEAR, "sel_survey_winter"): {"opens_on": date(2027, 1, 12), "closes_on": date(2027, 2, 2)},
    (YEAR, "staff_survey"): {"opens_on": date(2026, 11, 13), "closes_on": date(2026, 12, 10)},
    (YEAR, "2027_mid_year"): {
        "packet_on": date(2027, 1, 6),
        "meets_on": date(2027, 1, 11),
        "decide_by": date(2027, 1, 15),
    },
    (YEAR, "2027_end_of_year"): {
        "packet_on": date(2027, 5, 13),
        "meets_on": date(2027, 5, 20),
        "decide_by": date(2027, 5, 26),
    },
}
EVERYONE = [("board", "*"), ("principal", "*"), ("engineering", "*")]
READERS = [*EVERYONE[:2], ("family", "*"), ("student", "*")]

_ARRIVALS = (
    ("sis_attendance", "Attendance", 0, None, "late", None, None, None),
    ("sis_attendance_taken", "Attendance taken", 0, 0, "accepted", 312, 312, 0),
    ("survey_vendor", "Student survey", 0, 0, "held", 2110, 0, 0),
    ("activity_log", "Log of activities", -4, -4, "accepted", 1184, 1180, 4),
    ("sis_attendance", "Attendance", -1, -1, "accepted", 5967, 5961, 3),
    ("sis_attendance_taken", "Attendance taken", -1, -1, "accepted", 312, 312, 0),
    ("sis_enrollment", "Enrollment", -4, -3, "accepted", 6011, 6002, 9),
    ("walkthrough_form", "Walkthroughs", 4, None, "expected", None, None, None),
)
_QUARANTINE = (
    (
        "sis_enrollment",
        "Enrollment",
        "exited before entered",
        "Correct the leave date of the rows and send the file again.",
        6,
    ),
    (
        "sis_enrollment",
        "Enrollment",
        "unknown school",
        "Add the school to the list of schools, or correct the code.",
        3,
    ),
    ("activity_log", "Log of activities", "session after the year", "Correct the date of the session.", 4),
    ("sis_attendance", "Attendance", "unknown code", "Map the code under codes: in sources.yml, or correct it.", 3),
)
_STRATEGY = {"s_calls": "partly", "s_lessons": "not", "s_voice": "implemented", "s_teams": "implemented"}
_OBLIGATIONS = (
    (
        "survey_winter",
        "window",
        "Student survey winter",
        date(2027, 1, 12),
        date(2027, 2, 2),
        date(2027, 2, 2),
        "open",
        "Research and evaluation",
    ),
    ("decide_mid", "review", "Decide: mid-year review", None, None, date(2027, 1, 15), "due", "SEL lead"),
    (
        "walk_winter",
        "window",
        "Walkthroughs winter",
        date(2027, 1, 20),
        date(2027, 2, 10),
        date(2027, 2, 10),
        "planned",
        "SEL lead",
    ),
    (
        "m_bilingual",
        "milestone",
        "A bilingual caller in three schools",
        None,
        None,
        date(2027, 2, 26),
        "planned",
        "Attendance lead",
    ),
    ("budget", "budget", "Preliminary budget", None, None, date(2027, 2, 9), "planned", "Superintendent"),
    ("roster", "source", "Lists of those asked", None, None, date(2027, 1, 5), "late", "Research and evaluation"),
)
_DECISIONS = (
    (
        "01",
        "s_calls",
        "adapt",
        "Move calls to the second day, with a bilingual caller in three schools.",
        "Delivered in part; where calls were made on time, absence fell.",
        "Attendance lead",
        date(2027, 2, 26),
        6000.0,
        "decided",
    ),
    (
        "02",
        "s_lessons",
        "adapt",
        "Give the weekly lesson a fixed hour in every elementary and middle school.",
        "Lessons fell out where they had no hour of their own.",
        "SEL lead",
        date(2027, 2, 5),
        None,
        "proposed",
    ),
)


def add_facts(world: "World") -> None:
    """Add every row that is not made from a series."""
    for add in (_units, _plan, _dates, _engineering, _alerts, _reviews, _definitions, _surveys, _practice):
        add(world)
    published_signals.add_signals(world)


def _units(world: "World") -> None:
    for audience_id in ("board", "engineering"):
        world.add(
            "rpt_units",
            [(audience_id, "*")],
            unit_id=DISTRICT,
            unit_label=UNITS[0].unit_label,
            unit_type="district",
            is_own=True,
        )
    for school in UNITS[1:]:
        for unit in (UNITS[0], school):
            world.add(
                "rpt_units",
                [(audience_id, school.unit_id) for audience_id in ("principal", "family", "student")],
                unit_id=unit.unit_id,
                unit_label=unit.unit_label,
                unit_type=unit.unit_type,
                is_own=unit is school,
            )


def _plan(world: "World") -> None:
    statuses = {
        row["indicator_id"]: row
        for row in world.rows["rpt_indicator_status"]
        if row["unit_id"] == DISTRICT and row["group_id"] == "all"
    }
    targets = {row["indicator_id"]: row for row in world.declared["declared_targets"]}
    for goal in world.declared["declared_goals"]:
        status, target = statuses[goal["primary_indicator_id"]], targets[goal["primary_indicator_id"]]
        world.add(
            "rpt_plan",
            READERS,
            kind="goal",
            plan_id=goal["goal_id"],
            plan_no=goal["goal_no"],
            goal_id=goal["goal_id"],
            plan_text=goal["statement_en"],
            owner_label=goal["owner_label"],
            indicator_id=goal["primary_indicator_id"],
            status=status["status"],
            certainty=status["certainty"],
            baseline=target["begins_numerator"] / target["begins_denominator"],
            target=target["ends_numerator"] / target["ends_denominator"],
            target_on=date(target["ends_year"], 5, 27),
            state="running",
        )
    for row in world.declared["declared_strategies"]:
        world.add(
            "rpt_plan",
            READERS,
            kind="strategy",
            plan_id=row["strategy_id"],
            plan_no=row["strategy_no"],
            goal_id=row["goal_id"],
            strategy_id=row["strategy_id"],
            plan_text=row["statement_en"],
            owner_label=row["owner_label"],
            implementation_status=_STRATEGY[row["strategy_id"]],
            cost_amount=row["cost_amount"],
            cost_note=row["cost_note"],
            state="running",
        )
    for row in world.declared["declared_activities"]:
        done = row["done_on"] if row["done_on"] and row["done_on"] <= AS_OF else None
        world.add(
            "rpt_plan",
            READERS,
            kind="activity",
            plan_id=row["activity_id"],
            plan_no=row["activity_no"],
            goal_id=row["goal_id"],
            strategy_id=row["strategy_id"],
            plan_text=row["label_en"],
            owner_label=row["owner_label"],
            starts_on=row["starts_on"],
            due_on=row["due_on"],
            done_on=done,
            state="done" if done else "running",
        )


def _dates(world: "World") -> None:
    for name, kind, label, opens_on, closes_on, due_on, state, owner in _OBLIGATIONS:
        world.add(
            "rpt_obligations",
            [*EVERYONE, *READERS[2:]],
            obligation_id=name,
            kind=kind,
            label=label,
            opens_on=opens_on,
            closes_on=closes_on,
            due_on=due_on,
            state=state,
            owner_label=owner,
            slack_school_days=3,
            is_critical=kind == "budget",
        )
    for row in world.declared["declared_cycles"]:
        world.add(
            "rpt_cycles",
            [("board", "*"), ("principal", row["unit_id"])],
            state="running",
            **{
                name: row[name]
                for name in (
                    "cycle_id",
                    "scope",
                    "unit_id",
                    "aim",
                    "change",
                    "prediction",
                    "predicted_on",
                    "owner_label",
                )
            },
        )


def _engineering(world: "World") -> None:
    readers = EVERYONE[2:]
    for source_id, label, due, arrived, state, received, accepted, refused in _ARRIVALS:
        ignored = None if received is None else received - accepted - refused
        world.add(
            "rpt_arrivals",
            readers,
            source_id=source_id,
            source_label=label,
            expected_on=AS_OF + timedelta(days=due),
            state=state,
            arrived_on=None if arrived is None else AS_OF + timedelta(days=arrived),
            n_received=received,
            n_accepted=accepted,
            n_quarantined=refused,
            n_ignored=ignored,
            owner_label="Data engineer",
        )
    for number, (source_id, label, reason, remedy, n_rows) in enumerate(_QUARANTINE):
        world.add(
            "rpt_quarantine",
            readers,
            batch_id=f"b{number}",
            source_id=source_id,
            source_label=label,
            reason=reason,
            remedy=remedy,
            n_rows=n_rows,
            owner_label="Data engineer",
            received_on=AS_OF - timedelta(days=3),
        )
    for night in range(1, 7):
        for step in ("collect", "build", "publish", "review", "alert"):
            failed = night == 4 and step == "alert"
            state = "failed" if failed else "not_due" if step == "review" and night != 5 else "done"
            world.add(
                "rpt_runs",
                readers,
                night_on=AS_OF - timedelta(days=night),
                step=step,
                state=state,
                message="The mail server did not answer." if failed else None,
            )


def _alerts(world: "World") -> None:
    for school, indicator_id, since, next_step in (
        ("0104", "chronic_absence", date(2026, 11, 13), "Look at the attendance page with the school team"),
        ("0104", "attendance_rate", date(2026, 12, 4), "Look at the attendance page with the school team"),
        ("0109", "belonging", date(2026, 10, 28), "Ask the student council which places feel unsafe"),
        ("0103", "sel_lessons", date(2026, 11, 20), "Give the lesson an hour of its own"),
    ):
        row = next(
            row
            for row in world.rows["rpt_indicator_status"]
            if row["unit_id"] == school and row["indicator_id"] == indicator_id and row["group_id"] == "all"
        )
        unit = next(unit for unit in UNITS if unit.unit_id == school)
        extra = (
            "reader_unit_id",
            "audience_id",
            "indicator_kind",
            "indicator_no",
            "direction",
            "baseline",
            "p_meet",
            "status_reason",
        )
        block = {name: value for name, value in row.items() if name not in extra}
        told = sentence(
            AlertFacts(
                indicator=Named("indicator", indicator_id, row["indicator_label"]),
                unit=unit.unit_label,
                group="",
                value_unit=row["value_unit"],
                owner="Principal",
                next_step=next_step,
                value=row["value"],
                expected=row["expected"],
                certainty=row["certainty"],
                since_on=since,
                period_on=row["period_ends_on"],
                state="ongoing",
            )
        )
        world.add(
            "rpt_alerts",
            readers_of(unit),
            **block | {"owner_label": "Principal"},
            alert_id=f"{school}_{indicator_id}",
            episode=1,
            kind="off_path",
            since_on=since,
            rule="two periods in a row unlikely to meet the line",
            next_step=next_step,
            state="ongoing",
            sentence=english(told),
            phrases=to_json(told),
        )


def _reviews(world: "World") -> None:
    mid, end = DATES[(YEAR, "2027_mid_year")], DATES[(YEAR, "2027_end_of_year")]
    base = {"scope": "district", "unit_id": DISTRICT, "is_late": False}
    world.add(
        "rpt_reviews",
        READERS,
        **base,
        review_id="2027_mid_year",
        kind="mid_year",
        state="deciding",
        edition=1,
        review_label="Mid-year review",
        **mid,
        completeness=0.95,
        evidence_release_id=EVIDENCE,
        evidence_as_of=date(2027, 1, 6),
        next_step="Decide by January 15, 2027",
        next_owner_label="SEL lead",
    )
    world.add(
        "rpt_reviews",
        READERS,
        **base,
        review_id="2027_end_of_year",
        kind="end_of_year",
        state="planned",
        review_label="End-of-year review",
        **end,
    )
    evidence = figure_id(
        [
            next(
                row["figure_id"]
                for row in world.rows["rpt_indicator_status"]
                if row["unit_id"] == DISTRICT and row["indicator_id"] == "chronic_absence"
            ),
            EVIDENCE,
        ]
    )
    for number, about, disposition, what, why, owner, due_on, cost, status in _DECISIONS:
        world.add(
            "rpt_decisions",
            READERS,
            decision_id=f"2027_mid_year_{number}",
            review_id="2027_mid_year",
            kind="strategy_disposition",
            about_kind="strategy",
            about_id=about,
            disposition=disposition,
            what=what,
            why=why,
            evidence=evidence,
            evidence_release_id=EVIDENCE,
            owner_label=owner,
            due_on=due_on,
            revisit_on=date(2027, 5, 20),
            cost_amount=cost,
            currency="USD" if cost else None,
            status=status,
            state="running",
        )


def _definitions(world: "World") -> None:
    words = {
        "chronic_absence": (
            "Students absent a tenth or more of their school days.",
            "students absent 10% or more of the days they were enrolled",
            "students enrolled at least 10 days",
        ),
        "attendance_rate": ("Days attended out of days enrolled.", "days attended", "days enrolled"),
    }
    for row in world.declared["declared_indicators"]:
        definition, top, bottom = words.get(
            row["indicator_id"], ("Favorable answers out of usable answers.", "favorable answers", "usable answers")
        )
        world.add(
            "rpt_definitions",
            EVERYONE,
            measure_id=row["measure_id"],
            profile_id=row["profile_id"],
            indicator_id=row["indicator_id"],
            indicator_label=row["label_en"],
            indicator_no=row["indicator_no"],
            definition=definition,
            numerator_words=top,
            denominator_words=bottom,
            value_unit="share",
            citation="EDFacts FS195 / DG814" if row["indicator_id"] == "chronic_absence" else None,
            direction=row["direction"],
            expected_rule="A straight line from the baseline to the target.",
            status_rule="On track when the chance of being on the good side of the line is at least 80%.",
            owner_label=row["owner_label"],
        )


PACE = {"forecast_low": 0.64, "forecast_median": 0.71, "forecast_high": 0.79, "nudge": 1}


def _counted(unit: Unit, measure_id: str, window_id: str, n: int) -> dict[str, Any]:
    return figure_row(
        unit,
        measure_id=measure_id,
        period_kind="window",
        period_id=window_id,
        period_label="Student survey fall",
        period_ends_on=date(2026, 11, 4),
        value=float(n),
        value_unit="count",
        n_text=f"n = {n:,}",
        data_through_on=date(2026, 11, 4),
    )


def _surveys(world: "World") -> None:
    scales = {
        "belonging": "Belonging",
        "safety": "Safety",
        "self_management": "Self-management",
        "growth_mindset": "Growth mindset",
        "adult_support": "Support from adults",
    }
    for unit in UNITS:
        asked = round(unit.n * 0.77)
        answered = round(asked * (0.58 if unit.unit_id == "0112" else 0.83))
        for stage, n in (("eligible", asked), ("usable", answered)):
            row = _counted(unit, "response_rate", "sel_survey_fall", n) | {"subject_id": f"student_sel:{stage}"}
            world.add(
                "rpt_survey_collection",
                readers_of(unit),
                **row | {"figure_id": figure_id([unit.unit_id, stage])},
                window_id="sel_survey_fall",
                stage=stage,
                response_rate=answered / asked,
                threshold=0.8,
                **({"pace_expected": 0.62} | PACE if stage == "usable" and unit.unit_id == "0112" else {}),
            )
        for number, (scale_id, label) in enumerate(scales.items()):
            row = figure_row(
                unit,
                measure_id="percent_favorable",
                period_kind="window",
                period_id="sel_survey_fall",
                period_label="Fall 2026",
                period_ends_on=date(2026, 11, 4),
                subject_id=scale_id,
                value=0.58 + 0.04 * number + len(unit.unit_label) / 900,
                value_unit="share",
                n_text=f"n = {answered:,}",
                data_through_on=date(2026, 11, 4),
            )
            world.add(
                "rpt_survey_scales",
                readers_of(unit),
                **row,
                window_id="sel_survey_fall",
                wave=1,
                instrument_id="student_sel",
                edition="2026",
                scale_label=label,
            )


def _practice(world: "World") -> None:
    items = ("Leadership", "Instruction", "Climate", "Family", "Staff learning", "Use of data")
    look_fors = ("Greeting", "Routines", "Student voice", "Reflection")
    for unit in UNITS[1:]:
        for number, item in enumerate(items):
            level = 1 + (int(unit.unit_id) + number) % 4
            row = figure_row(
                unit,
                measure_id="rubric_profile",
                period_kind="occasion",
                period_id="rubric_fall",
                period_label="Fall 2026",
                period_ends_on=date(2026, 11, 4),
                subject_id=item.lower(),
                value=float(level),
                value_unit="level",
                data_through_on=date(2026, 11, 4),
            )
            world.add(
                "rpt_rubric",
                readers_of(unit),
                **row,
                window_id="rubric_fall",
                instrument_id="sel_rubric",
                edition="2026",
                item_label=item,
                level_text=f"Level {level} of 4",
            )
        for number, item in enumerate(look_fors):
            row = figure_row(
                unit,
                measure_id="walkthrough_rating",
                period_kind="window",
                period_id="walkthrough_fall",
                period_label="Fall 2026",
                period_ends_on=date(2026, 10, 14),
                subject_id=item.lower(),
                value=2.4 + 0.2 * number,
                value_unit="score",
                data_through_on=date(2026, 10, 14),
            )
            world.add(
                "rpt_walkthroughs",
                readers_of(unit),
                **row,
                window_id="walkthrough_fall",
                item_label=item,
                coverage=0.8,
                n_rooms=16,
                n_eligible_rooms=20,
            )
