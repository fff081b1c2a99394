"""Define every column once: name, type, unit, meaning, sensitivity; and which columns each arriving entity has.

Value sets, ranges and rules between columns belong to the contracts in ``schemas/landing``. This module imports nothing
heavy, so that the nightly build can make an empty typed table without pandera.

Sensitivity: ``none``; ``quasi`` (helps to single a person out); ``indirect`` (pseudonyms, sensitive facts, free text);
``direct`` (names and the like: no entity has such a column, they end at the door).
"""

from dataclasses import dataclass

PSEUDONYMS = {
    "student_key": "student",
    "staff_key": "staff",
    "rater_key": "staff",
    "observer_key": "staff",
    "room_key": "room",
    "respondent_key": "respondent",
}
"""Columns whose value is made from a raw id at the door, and the kind of id: one number never joins across kinds."""

WITHDRAWN = "is_deleted"
"""Column of the envelope by which a source that sends changes says that a row is taken back."""

DAY_PARTS = 63000
"""Parts of one school day: divisible by 1 to 10 periods and by the usual minutes, so that fractions stay integers."""

TEXT = "VARCHAR"
DATE = "DATE"
INSTANT = "TIMESTAMP"
FLAG = "BOOLEAN"
COUNT = "INTEGER"
SECONDS = "DECIMAL(12,3)"
FIGURE = "DECIMAL(18,6)"


@dataclass(frozen=True)
class Field:
    """One column: its name everywhere, its DuckDB type, what it means, its unit, how sensitive it is."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    sensitivity: str = "none"


@dataclass(frozen=True)
class Column:
    """A field as one entity has it: whether it may be null, and what stands in for a source that has no such column."""

    field: Field
    is_nullable: bool
    default: str | None

    @property
    def name(self) -> str:
        """Return the column's name."""
        return self.field.name


ENVELOPE = (
    Field("district_id", TEXT, "district the row belongs to"),
    Field("source_id", TEXT, "declared source the row came from"),
    Field("batch_id", TEXT, "delivery the row came in, named by its content"),
    Field("received_at", INSTANT, "when the delivery was received", "UTC"),
    Field("row_no", "BIGINT", "record of the file, counted from 1 after the heading"),
    Field("is_deleted", FLAG, "true when the source withdrew the row"),
    Field("slot", TEXT, "what a full delivery replaces, such as a date or a school year"),
)

_FIELDS = (
    Field("student_key", TEXT, "pseudonym of a student", sensitivity="indirect"),
    Field("staff_key", TEXT, "pseudonym of a member of staff", sensitivity="indirect"),
    Field("respondent_key", TEXT, "pseudonym of one who may answer; a student's equals student_key", "", "indirect"),
    Field("rater_key", TEXT, "pseudonym of one rater; a label for the agreed level", sensitivity="indirect"),
    Field("observer_key", TEXT, "pseudonym of one observer", sensitivity="indirect"),
    Field("room_key", TEXT, "pseudonym of a room, since a room names its teacher", sensitivity="indirect"),
    Field("school_id", TEXT, "school, as the district writes it"),
    Field("school_year", COUNT, "school year, named by its spring", "year"),
    Field("enrollment_id", TEXT, "one membership, where the system numbers them"),
    Field("calendar_id", TEXT, "calendar that says which days count"),
    Field("grade", TEXT, "grade level: PK, K, 1 to 12, UG", sensitivity="quasi"),
    Field("entered_on", DATE, "first day of the membership"),
    Field("exited_on", DATE, "day the membership ended"),
    Field("exit_code", TEXT, "local code of why it ended"),
    Field("is_primary", FLAG, "true at the school that answers for the student"),
    Field("fte", "DECIMAL(4,3)", "share of full time", "0 to 1"),
    Field("attends_weekdays", TEXT, "weekdays of a part-week pattern, such as mon,tue"),
    Field("on_date", DATE, "day the row is about, in the district's zone"),
    Field("section_id", TEXT, "class section; empty for the whole day"),
    Field("category", TEXT, "what the mark means for attendance"),
    Field("absence_fraction", "DECIMAL(6,5)", "share of the day missed", "0 to 1"),
    Field("periods_absent", COUNT, "periods missed", "periods"),
    Field("periods_scheduled", COUNT, "periods of the student's day", "periods"),
    Field("minutes_absent", COUNT, "minutes missed", "minutes"),
    Field("minutes_scheduled", COUNT, "minutes of the student's day", "minutes"),
    Field("raw_code", TEXT, "the mark as the system wrote it"),
    Field("homeroom_id", TEXT, "homeroom; empty where the school sends as a whole", sensitivity="quasi"),
    Field("is_submitted", FLAG, "true when attendance was taken and sent"),
    Field("submitted_at", INSTANT, "when it was sent", "UTC"),
    Field("group_id", TEXT, "group of students; all for everyone"),
    Field("status", TEXT, "state of the row"),
    Field("n_enrolled", COUNT, "students enrolled", "students"),
    Field("n_present", COUNT, "students present", "students"),
    Field("attendance_share", "DECIMAL(7,6)", "students present out of those enrolled", "0 to 1"),
    Field("grades", TEXT, "grades the day is for, joined by commas; null for all"),
    Field("day_kind", TEXT, "kind of day"),
    Field("is_instructional", FLAG, "true when the day counts"),
    Field("cycle_day", TEXT, "day of a rotating timetable"),
    Field("attribute", TEXT, "what is told of a student, such as english_learner"),
    Field("value", TEXT, "what it is told to be", sensitivity="indirect"),
    Field("valid_from", DATE, "first day it holds"),
    Field("valid_to", DATE, "last day it holds"),
    Field("name", TEXT, "name of a school"),
    Field("kind", TEXT, "kind of school, such as regular"),
    Field("level", TEXT, "level of a school, such as elementary"),
    Field("opens_on", DATE, "first day it exists"),
    Field("closes_on", DATE, "last day it exists"),
    Field("event_id", TEXT, "one change of schools"),
    Field("event", TEXT, "what happens to schools: merge, split, rename, close, boundary"),
    Field("from_id", TEXT, "school it happens to"),
    Field("to_id", TEXT, "school that takes over"),
    Field("share", "DECIMAL(7,6)", "share of the school that goes there", "0 to 1"),
    Field("window_id", TEXT, "collection window of the year file"),
    Field("response_id", TEXT, "one submission", sensitivity="indirect"),
    Field("respondent_class", TEXT, "who answers"),
    Field("self_groups", TEXT, "groups the respondent named, as JSON", sensitivity="quasi"),
    Field("channel", TEXT, "how it was answered"),
    Field("started_at", INSTANT, "when it was begun", "UTC"),
    Field("duration_seconds", SECONDS, "time it took", "seconds"),
    Field("is_preview", FLAG, "true for a trial by the makers"),
    Field("item_id", TEXT, "item of the instrument; empty when a response was opened and left blank"),
    Field("option_value", TEXT, "option chosen; empty when none was"),
    Field("answer_state", TEXT, "whether there is an answer, and why not"),
    Field("comment", TEXT, "free text; dropped unless declared", sensitivity="indirect"),
    Field("roster_id", TEXT, "one frozen list of those eligible"),
    Field("language", TEXT, "language of the questionnaire"),
    Field("is_opted_out", FLAG, "true when the person, or a parent, declined"),
    Field("left_on", DATE, "day the person left"),
    Field("frozen_at", INSTANT, "when the list was frozen", "UTC"),
    Field("instrument_id", TEXT, "questionnaire, rubric or protocol"),
    Field("edition", TEXT, "frozen version of an instrument"),
    Field("occasion_id", TEXT, "occasion of rating"),
    Field("unit_type", TEXT, "kind of unit"),
    Field("unit_id", TEXT, "unit the row is about"),
    Field("rating", COUNT, "level", "1 to 4"),
    Field("walkthroughs.rating", TEXT, "level 1 to 4, or not_seen"),
    Field("is_consensus", FLAG, "true for the level agreed by the raters"),
    Field("rated_on", DATE, "day of the rating"),
    Field("evidence_ids", TEXT, "what the rating rests on, joined by commas"),
    Field("note", TEXT, "free text; dropped unless declared", sensitivity="indirect"),
    Field("walkthrough_id", TEXT, "one visit to a room"),
    Field("grade_band", TEXT, "grades seen"),
    Field("is_eligible", FLAG, "true when the room belongs to the coverage"),
    Field("activity_id", TEXT, "activity of the plan"),
    Field("session_id", TEXT, "one session of an activity"),
    Field("n_core_required", COUNT, "core parts planned", "parts"),
    Field("n_core_delivered", COUNT, "core parts delivered", "parts"),
    Field("n_eligible", COUNT, "people the session is for", "people"),
    Field("n_reached", COUNT, "people it reached", "people"),
    Field("quality", COUNT, "quality of delivery", "1 to 4"),
    Field("adaptation", TEXT, "what was changed from the plan"),
    Field("milestone_completed_on", DATE, "day the milestone was met"),
    Field("pd_id", TEXT, "one training or course for staff"),
    Field("is_invited", FLAG, "true when the person was to come"),
    Field("is_attended", FLAG, "true when the person was there"),
    Field("hours", "DECIMAL(6,2)", "time spent there", "hours"),
    Field("assignment_id", TEXT, "one assignment of a member of staff, where somebody belongs to several schools"),
    Field("staff_role", TEXT, "what the person is there, such as teacher"),
    Field("line_id", TEXT, "line of a school's plan"),
    Field("line_kind", TEXT, "what the line is: who leads, a goal, an activity, a meeting"),
    Field("owner", TEXT, "role or declared person that answers for it"),
    Field("goal_id", TEXT, "goal of the district's plan"),
    Field("indicator_id", TEXT, "indicator it is about"),
    Field("target", FIGURE, "target of a school's own goal"),
    Field("starts_on", DATE, "first day"),
    Field("due_on", DATE, "day it is due"),
    Field("ends_on", DATE, "last day"),
    Field("looks_at", TEXT, "indicators a meeting looks at, joined by commas"),
    Field("protocol", TEXT, "how a meeting goes", sensitivity="indirect"),
    Field("what", TEXT, "what is to be done, in a sentence", sensitivity="indirect"),
    Field("cycle_id", TEXT, "one short cycle"),
    Field("change_idea_id", TEXT, "idea that is tried"),
    Field("aim", TEXT, "what the cycle is for", sensitivity="indirect"),
    Field("problem", TEXT, "what it is about", sensitivity="indirect"),
    Field("change", TEXT, "what is done otherwise", sensitivity="indirect"),
    Field("direction", TEXT, "whether more or less is predicted"),
    Field("predicted_by", FIGURE, "by how much"),
    Field("prediction", TEXT, "what is predicted, in words", sensitivity="indirect"),
    Field("predicted_on", DATE, "day of the prediction"),
    Field("measured_every", TEXT, "how often it is measured"),
    Field("smallest_change", FIGURE, "smallest change that would matter"),
    Field("verdict", TEXT, "what the cycle came to"),
    Field("why", TEXT, "why it came to that", sensitivity="indirect"),
    Field("learned", TEXT, "what was learned", sensitivity="indirect"),
    Field("decided_on", DATE, "day it was decided"),
    Field("decided_by", TEXT, "role or declared person that decided"),
    Field("meeting_no", COUNT, "meeting of the day"),
    Field("meeting_record.n_present", COUNT, "people at the meeting", "people"),
    Field("observed", TEXT, "what was seen", sensitivity="indirect"),
    Field("observed_first", FLAG, "true when it was written down before anybody gave reasons"),
    Field("interpreted", TEXT, "what was made of it", sensitivity="indirect"),
    Field("decided", TEXT, "what was decided", sensitivity="indirect"),
    Field("next_on", DATE, "day of the next meeting"),
    Field("figure_set", TEXT, "published table a reference figure is from"),
    Field("unit_label", TEXT, "name of the unit in that table"),
    Field("group_label", TEXT, "name of the group in that table"),
    Field("measure_code", TEXT, "figure's code in that table"),
    Field("numerator", FIGURE, "numerator as published"),
    Field("denominator", FIGURE, "denominator as published"),
    Field("reference_figures.value", FIGURE, "figure as published"),
    Field("value_state", TEXT, "whether a figure was published, and why not"),
    Field("bound_low", FIGURE, "lower bound of a masked figure"),
    Field("bound_high", FIGURE, "upper bound of a masked figure"),
)

FIELDS: dict[str, Field] = {field.name: field for field in (*ENVELOPE, *_FIELDS)}
"""Every column by name; ``entity.name`` where one entity means something else by a name."""

# A name alone is required; `?` may be null; `=text` stands in where a source has no such column.
_ENTITIES = {
    "enrollment": "enrollment_id= student_key school_id calendar_id? grade entered_on exited_on? exit_code? "
    "is_primary? fte=1 attends_weekdays? school_year",
    "attendance_events": "student_key school_id on_date section_id= category absence_fraction? periods_absent? "
    "periods_scheduled? minutes_absent? minutes_scheduled? raw_code",
    "attendance_submissions": "school_id on_date homeroom_id= grade? is_submitted submitted_at?",
    "attendance_counts": "school_id on_date group_id=all status n_enrolled? n_present? attendance_share?",
    "calendar_days": "calendar_id on_date school_id? grades? day_kind is_instructional cycle_day?",
    "student_attributes": "student_key attribute value valid_from valid_to?",
    "schools": "school_id valid_from name kind level opens_on closes_on? n_enrolled?",
    "school_events": "event_id event on_date from_id to_id? share?",
    "responses": "window_id response_id respondent_key? respondent_class school_id? grade? self_groups? channel=online "
    "started_at? submitted_at? duration_seconds? is_preview=false item_id option_value answer_state comment?",
    "roster": "roster_id window_id respondent_key respondent_class school_id grade? language? is_opted_out=false "
    "left_on? frozen_at",
    "rubric_ratings": "instrument_id edition occasion_id unit_type unit_id item_id rater_key rating? is_consensus "
    "rated_on evidence_ids? note?",
    "walkthroughs": "walkthrough_id school_id room_key observer_key on_date grade_band? item_id rating?",
    "rooms": "school_id room_key valid_from is_eligible",
    "activities": "activity_id unit_type unit_id session_id on_date status n_core_required? n_core_delivered? "
    "n_eligible? n_reached? quality? adaptation=none milestone_completed_on?",
    "pd_attendance": "pd_id staff_key school_id on_date is_invited is_attended hours",
    "staff": "staff_key school_id valid_from assignment_id= staff_role? school_year",
    "school_plan": "school_id school_year line_id line_kind owner? goal_id? indicator_id? target? group_id? starts_on? "
    "due_on? looks_at? protocol? what?",
    "cycle_form": "cycle_id school_id change_idea_id aim problem change direction predicted_by prediction predicted_on "
    "indicator_id group_id=all measured_every=week smallest_change starts_on ends_on owner verdict? why? learned? "
    "decided_on? decided_by?",
    "meeting_record": "school_id on_date meeting_no looks_at protocol? n_present? observed observed_first interpreted? "
    "decided? next_on?",
    "reference_figures": "figure_set unit_type unit_id unit_label? school_year group_label measure_code numerator? "
    "denominator? value? value_state bound_low? bound_high?",
}


def _column(entity: str, written: str) -> Column:
    """Read one word of an entity's list of columns."""
    name, has_default, default = written.partition("=")
    bare = name.removesuffix("?")
    field = FIELDS.get(f"{entity}.{bare}", FIELDS[bare])
    own = Field(bare, field.type, field.meaning, field.unit, field.sensitivity)
    return Column(own, name.endswith("?"), default if has_default else None)


ENTITIES: dict[str, tuple[Column, ...]] = {
    entity: tuple(_column(entity, word) for word in words.split()) for entity, words in _ENTITIES.items()
}
"""The columns of every entity that can arrive, in the order of the accepted files; the envelope comes after them."""

_KEYS = {
    "enrollment": "student_key school_id entered_on enrollment_id",
    "attendance_events": "student_key school_id on_date section_id",
    "attendance_submissions": "school_id on_date homeroom_id",
    "attendance_counts": "school_id on_date group_id",
    "calendar_days": "calendar_id on_date school_id grades",
    "student_attributes": "student_key attribute valid_from",
    "schools": "school_id valid_from",
    "school_events": "event_id",
    "responses": "window_id response_id item_id option_value",
    "roster": "roster_id respondent_key",
    "rubric_ratings": "instrument_id edition occasion_id unit_id item_id rater_key",
    "walkthroughs": "walkthrough_id item_id",
    "rooms": "school_id room_key valid_from",
    "activities": "activity_id unit_id session_id",
    "pd_attendance": "pd_id staff_key on_date",
    "staff": "staff_key school_id valid_from assignment_id",
    "school_plan": "school_id school_year line_id",
    "cycle_form": "cycle_id",
    "meeting_record": "school_id on_date meeting_no",
    "reference_figures": "figure_set unit_id school_year group_label measure_code",
}

KEYS: dict[str, tuple[str, ...]] = {entity: tuple(words.split()) for entity, words in _KEYS.items()}
"""What names a row of an entity: of two deliveries with one key, the newer row stands."""


def duckdb_columns(entity: str) -> dict[str, str]:
    """Return the columns of an entity's accepted rows with their DuckDB types, envelope last."""
    own = {column.name: column.field.type for column in ENTITIES[entity]}
    return own | {field.name: field.type for field in ENVELOPE}
