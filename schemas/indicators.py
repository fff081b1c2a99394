"""Say what ``indicators.yml`` holds: how attendance is read, groups, definitions, indicators with their targets.

Shapes and what a single entry must hold belong here; what needs other files is judged in ``aimline/_crossref.py``.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas._base import (
    Day,
    Exact,
    Fact,
    Flag,
    Id,
    Int,
    Label,
    Owner,
    ProfileId,
    SchoolId,
    Share,
    Text,
    mistake,
    number_keys,
)
from schemas.profiles import SHIPPED, Profile

PeriodKind = Literal["day", "week", "month", "term", "window", "occasion", "year_to_date", "year"]
UnitKind = Literal["district", "school"]


RATES: tuple[PeriodKind, ...] = ("week", "month", "term", "year_to_date", "year")
GROWING: tuple[PeriodKind, ...] = ("year_to_date", "year")
TO_DATE: tuple[PeriodKind, ...] = ("year_to_date",)
WAVES: tuple[PeriodKind, ...] = ("window", "occasion")

TIERS = ("satisfactory", "at_risk", "moderate", "severe")
"""Subjects of ``absence_tier``, from the least days missed."""

PROCESS = (
    *("windows_closed_on_schedule", "obligations_with_an_active_owner", "reviews_held_within_5_school_days"),
    *("decisions_with_evidence", "quarters_reported_to_staff_and_families"),
    "schools_with_a_prediction_before_the_data",
)
"""Subjects of ``process_health``: six shares, never one number."""

WAYS = (
    *("close_to_report", "report_tiers", "evidence_to_decision", "decision_to_plan", "decision_to_step"),
    "drift_to_decision",
)
"""Subjects of ``lead_times``; ``report_tiers_<audience>`` is the way to one audience."""


@dataclass(frozen=True)
class Measure:
    """What may be declared on a measure.

    Attributes:
        unit: The unit of its values.
        periods: The periods it has figures of.
        subject: What its subject is; empty where it has none.
        subjects: The subjects there are, where they are no declared things.
        needs_subject: Whether its figures are of one subject each.
        estimators: How it is computed; the first is the default.
        needs_profile: Whether it is defined by a profile.
    """

    unit: Literal["share", "score", "level", "days", "students", "ratio"]
    periods: tuple[PeriodKind, ...]
    subject: Literal["", "scale", "item", "activity", "instrument", "tier", "goal", "training", "part", "way"] = ""
    subjects: tuple[str, ...] = ()
    needs_subject: bool = True
    estimators: tuple[str, ...] = ()
    needs_profile: bool = False


MEASURES: dict[str, Measure] = {
    "attendance_rate": Measure("share", RATES),
    "average_daily_attendance": Measure("students", RATES),
    "average_daily_membership": Measure("students", RATES),
    "chronic_absence": Measure("share", GROWING, needs_profile=True),
    "absence_tier": Measure("share", GROWING, "tier", TIERS),
    "submission_completeness": Measure("share", RATES),
    "response_rate": Measure("share", WAVES, "instrument", estimators=("gross", "net")),
    "percent_favorable": Measure("share", WAVES, "scale", estimators=("pooled", "item_mean", "person_mean")),
    "scale_mean": Measure("score", WAVES, "scale"),
    "scale_reliability": Measure("ratio", WAVES, "scale", estimators=("omega", "alpha")),
    "school_icc": Measure("ratio", WAVES, "scale", estimators=("score", "favorable")),
    "rubric_profile": Measure("share", WAVES, "item"),
    "rubric_change": Measure("share", WAVES, estimators=("up", "same", "down", "not_compared")),
    "walkthrough_rating": Measure("level", WAVES, "item"),
    "dosage": Measure("share", TO_DATE, "activity"),
    "adherence": Measure("share", TO_DATE, "activity"),
    "quality": Measure("score", TO_DATE, "activity"),
    "pd_reach": Measure("share", TO_DATE, "training", needs_subject=False, estimators=("people",)),
    "plan_execution": Measure("share", TO_DATE),
    "plan_lateness": Measure("days", TO_DATE, "goal", needs_subject=False),
    "process_health": Measure("share", TO_DATE, "part", PROCESS),
    "lead_times": Measure("days", TO_DATE, "way", WAYS),
}
"""The measures an indicator may be declared on."""

BESIDE = {
    "recoverable_share": "its people are the flagged students alone, too few of most schools and groups: beside "
    "chronic_absence they would tell what is hidden there",
    "rater_agreement": "it is about two or three raters of a school, fewer than may be told of",
    "reach": "it adds up the counts of sessions, which tell of no persons, so nobody can say who is few",
    "adaptations": "a change of a session is no defect, and is never graded",
}
"""Measures that are worked out for those who run Aimline -> why no indicator is declared on them."""

OF_STUDENTS = ("chronic_absence", "absence_tier", "recoverable_share")
"""Measures that need the days of each student: counts of school days have none."""


TESTED: dict[str, dict[str, tuple[str, ...]]] = {
    "proportion": {"attendance_rate": ("weekly", "monthly", "nightly"), "dosage": ("weekly",)},
    "survey": {"percent_favorable": ("wave",), "scale_mean": ("wave",), "response_rate": ("wave",)},
    "rubric": {"rubric_profile": ("wave",)},
    "cumulative": {"chronic_absence": ("monthly",)},
}
"""Which measures can be tested as what, and how often: they have figures of one period alone, with counts behind them.
Of what is tested nightly, weeks are tested as of the rest, and each single day beside.
Of ``dosage``, the sessions of a week are what the figure to date grew by; of ``chronic_absence``, who became so."""

CUMULATIVE = ("chronic_absence", "plan_execution")
"""Measures whose figures hold all that came before in the year."""

USUAL_CHARTS = {
    "proportion": "pp",
    "count": "up",
    "score": "i",
    "survey": "run",
    "rubric": "run",
    "cumulative": "pp",
    "deadline": "run",
    "none": "run",
}
"""The chart of each kind where none is declared."""


class Completeness(Fact):
    """Share of homerooms that must have sent, for a school's day, the district's day, and a period."""

    school_day: Share = Fraction(49, 50)
    district_day: Share = Fraction(9, 10)
    period: Share = Fraction(19, 20)


class Quality(Fact):
    """What a figure needs to be reported."""

    min_submission: Completeness = Completeness()
    min_measured_share: Share = Fraction(9, 10)
    min_reliability_for_ranking: Share = Fraction(7, 10)


class WeightSource(Fact):
    """Where the weights of a feed without counts come from: a source of schools, and the words the page says."""

    source: Id
    label: Label


class Attendance(Fact):
    """How attendance is read: marks are exceptions (negative), every day is marked (positive), or school days count."""

    mode: Literal["negative", "positive", "counts"] = "negative"
    exit_day_is_member: Flag = False
    overlap: Literal["primary_then_latest", "share"] = "primary_then_latest"
    no_show: Literal["keep", "drop_until_first_present"] = "keep"
    day_weight: dict[str, Share] = Field(default_factory=dict)
    weight_source: WeightSource | None = None


def in_words(fact_id: str) -> dict[str, str]:
    """Return the words of what has no label: its id."""
    return {"en": fact_id.replace("_", " ").capitalize()}


class Screen(Fact):
    """A state's rule on disproportion: the ratio that three years in a row exceed, and a year's step of progress."""

    threshold: Exact
    reasonable_progress: Exact = Fraction(0)


class StateCounts(Fact):
    """All others in the state beside one group, for one measure and year."""

    measure: Text
    year: Int
    group: Id
    numerator: Int = Field(ge=0)
    denominator: Int = Field(ge=1)


class GroupSet(Fact):
    """One way to group students: an attribute (or ``grade``), and the group each of its values means.

    Attributes:
        member_on: When a student who changes is in which group. In attendance ``on_day`` means on the last day of each
            period, in a survey, as ``at_window`` does, on the day the window opens.
    """

    group_set_id: Id
    label: Label = Field(default_factory=dict)
    attribute: Text
    values: dict[str, Id]
    labels: dict[Id, Label] = Field(default_factory=dict)
    unmapped: Text = "fail"
    member_on: Literal["latest", "ever_in_year", "on_day", "at_window"] = "ever_in_year"
    reference: Text = "all_others"
    screen: Screen | None = None
    state: tuple[StateCounts, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _every_group_has_words(cls, data: Any) -> Any:
        """Give what has no label the words of its id."""
        if not isinstance(data, dict) or not isinstance(data.get("values"), dict):
            return data
        groups = [each for each in (*data["values"].values(), data.get("unmapped")) if isinstance(each, str)]
        words = {each: in_words(each) for each in groups if each != "fail"}
        told = data.get("labels", {})
        labels = (
            {**told, **{each: told.get(each, label) for each, label in words.items()}}
            if isinstance(told, dict)
            else told
        )
        return {"label": in_words(str(data.get("group_set_id"))), **data, "labels": labels}

    @model_validator(mode="after")
    def _reference_is_a_group(self) -> "GroupSet":
        named = {*self.values.values(), *({self.unmapped} - {"fail"})}
        if self.reference not in {"all_others", "best", "district", *named}:
            raise mistake(f"reference '{self.reference}' is no group.", "Write all_others, best, district, or a group.")
        return self


class Point(Fact):
    """A value in a year."""

    year: Int
    value: Exact


class Baseline(Fact):
    """Where an indicator started, and the sealed snapshot it was read from."""

    year: Int
    value: Exact
    snapshot: Text | None = None


class Target(Fact):
    """Where an indicator should end, for one kind of unit or one school; ``inherit`` gives it to every school.

    Attributes:
        steps: Of ``steps``, the value of each year.
        years: Of ``gap_halving``, the years in which half of the gap closes.
        rate: Of ``safe_harbor``, the part of the gap left by the year before that a year closes.
    """

    unit_type: UnitKind
    unit_id: SchoolId | None = None
    group: Id = "all"
    method: Literal["linear", "steps", "gap_halving", "safe_harbor"] = "linear"
    from_: Point | None = Field(default=None, alias="from")
    to: Point | None = None
    steps: Annotated[dict[int, Exact], BeforeValidator(number_keys)] = Field(default_factory=dict)
    years: Int = Field(default=6, ge=1)
    rate: Share = Fraction(1, 10)
    inherit: Flag = False

    @model_validator(mode="after")
    def _two_ends(self) -> "Target":
        if self.method == "linear" and (self.from_ is None or self.to is None):
            raise mistake("a linear target needs 'from' and 'to'.", "Give the year and value of both ends.")
        if self.from_ and self.to and self.to.year <= self.from_.year:
            raise mistake(
                f"target year {self.to.year} is not after {self.from_.year}.", "Give a later year: a target takes time."
            )
        if (self.method == "steps") != bool(self.steps):
            raise mistake("'steps' gives a value for each year.", "Write method: steps and steps: {2027: 0.20}.")
        gone = sorted(set(range(min(self.steps, default=0), max(self.steps, default=0))) - set(self.steps))
        if gone:
            raise mistake(f"steps leave out {gone[0]}.", "Give a value for every year from the first to the last.")
        if self.inherit and self.unit_type != "district":
            raise mistake("only a target of the district can be inherited.", "Remove inherit.")
        return self


class StatusRule(Fact):
    """Chances at which a status is on track or watch, and the width of the interval shown."""

    on_track: Share = Fraction(4, 5)
    watch: Share = Fraction(1, 2)
    interval: Share = Fraction(4, 5)

    @model_validator(mode="after")
    def _in_order(self) -> "StatusRule":
        if self.watch >= self.on_track:
            raise mistake("watch is not below on_track.", "Lower watch.")
        return self


class SignalBaseline(Fact):
    """What tells what is usual: the first periods of the school year, or all between two days."""

    periods: Int = Field(default=12, ge=8, le=60)
    from_: Day | None = Field(default=None, alias="from")
    to: Day | None = None

    @model_validator(mode="after")
    def _a_span_or_a_number(self) -> "SignalBaseline":
        if (self.from_ is None) != (self.to is None):
            raise mistake("a baseline of days needs 'from' and 'to'.", "Give both, or periods.")
        if self.from_ and self.to and self.to <= self.from_:
            raise mistake(f"the baseline's last day {self.to} is not after {self.from_}.", "Give a later day.")
        if self.from_ and "periods" in self.model_fields_set:
            raise mistake("a baseline is a number of periods, or days.", "Keep one of them.")
        return self


class Detector(Fact):
    """How departures are found.

    Attributes:
        lambda_: What the newest period weighs in the average.
        min_denominator: From how many people on a figure is tested.
        min_effect: How large an effect must be for an alert.
        spike: The newest period by itself may put a school on the watch list.
    """

    lambda_: Exact = Field(default=Fraction(1, 5), alias="lambda")
    min_denominator: Int = Field(default=10, ge=1)
    min_effect: Exact | None = None
    spike: Flag = False

    @model_validator(mode="after")
    def _weight_is_a_share(self) -> "Detector":
        if not Fraction(1, 20) <= self.lambda_ <= 1:
            raise mistake(f"lambda {float(self.lambda_):g} is not between 0.05 and 1.", "Write 0.2, the usual weight.")
        return self


class Signal(Fact):
    """How departures of an indicator's schools from their own level are looked for.

    Proportions of single weeks or months, waves of a survey, occasions of a rubric and what is new of a figure to date
    are tested (``TESTED``); of the other kinds the aim line alone is watched.
    """

    kind: Literal["proportion", "count", "score", "survey", "rubric", "cumulative", "deadline", "none"]
    cadence: Literal["nightly", "weekly", "monthly", "wave"] | None = None
    improvement: Literal["increase", "decrease", "neutral"] | None = None
    smallest_change: Exact | None = None
    chart: Literal["run", "i", "mr", "p", "pp", "c", "u", "up", "g", "t", "ip"] | None = None
    rules: Literal["anhoej", "nhs", "western-electric", "nelson"] | None = None
    because: Text | None = None
    baseline: SignalBaseline = SignalBaseline()
    periods_per_year: Int = Field(default=36, ge=1, le=60)
    detector: Detector = Detector()
    groups: tuple[Id, ...] = ("all",)
    next_step: Text | None = None

    @model_validator(mode="after")
    def _limits_allow_for_what_varies(self) -> "Signal":
        if self.chart == "p" and not self.because:
            raise mistake(
                "signal.chart p needs because: (binomial limits over-alarm on school data; use pp)", "Write chart: pp."
            )
        return self

    @property
    def pace(self) -> str:
        """Return how often figures are tested: waves of surveys and rubrics, months of what adds up, else weeks."""
        usual = {"survey": "wave", "rubric": "wave", "cumulative": "monthly"}
        return self.cadence or usual.get(self.kind, "weekly")

    @property
    def period_kind(self) -> str:
        """Return the periods of its kind and pace; empty for none."""
        if self.kind in {"survey", "rubric"}:
            return "window"
        if self.kind not in {"proportion", "cumulative"}:
            return ""
        return {"nightly": "week", "weekly": "week", "monthly": "month"}.get(self.pace, "")


class Indicator(Fact):
    """A measure with an owner, a baseline and targets."""

    indicator_id: Id
    label: Label
    kind: Literal["outcome", "implementation", "process"]
    measure: Text
    profile: ProfileId = "default"
    also_show: tuple[ProfileId, ...] = ()
    subject: Text | None = None
    estimator: Text | None = None
    units: tuple[UnitKind, ...] = Field(min_length=1)
    group_sets: tuple[Id, ...] = ()
    direction: Literal["lower", "higher", "maintain"]
    period: PeriodKind
    owner: Owner
    sources: tuple[Id, ...] = Field(min_length=1)
    smallest_change: Exact
    baseline: Baseline | None = None
    targets: tuple[Target, ...] = ()
    status: StatusRule = StatusRule()
    signal: Signal | None = None

    @model_validator(mode="after")
    def _signal_has_counts(self) -> "Indicator":
        if self.signal is None or self.signal.kind != "proportion":
            return self
        if self.measure in CUMULATIVE:
            message = f"indicator '{self.indicator_id}': kind proportion on a cumulative measure; use kind: cumulative"
            raise mistake(message, "A share to date keeps all its past; its weeks are no new evidence.")
        known = TESTED["proportion"]
        if self.measure not in known:
            raise mistake(
                f"signal: of '{self.indicator_id}' needs a measure of weeks or months; '{self.measure}' has none.",
                f"Measures that have: {', '.join(known)}; or write kind: none.",
            )
        if self.signal.pace not in known[self.measure]:
            raise mistake(
                f"signal: of '{self.indicator_id}' has cadence {self.signal.pace}; '{self.measure}' has none such.",
                f"Write {' or '.join(known[self.measure])}.",
            )
        return self

    @property
    def tested_periods(self) -> str:
        """Return the periods whose figures are tested against their own level; empty for none."""
        signal = self.signal
        if signal is None or signal.pace not in TESTED.get(signal.kind, {}).get(self.measure, ()):
            return ""
        return signal.period_kind

    @property
    def better(self) -> str:
        """Return which way is better: increase, decrease or neutral."""
        ways = {"higher": "increase", "lower": "decrease", "maintain": "neutral"}
        return (self.signal.improvement if self.signal else None) or ways[self.direction]

    @property
    def declared_measure(self) -> Measure | None:
        """Return what is known of its measure; None when there is no such measure."""
        return MEASURES.get(self.measure)

    @property
    def headline_estimator(self) -> str:
        """Return the estimator of its figure, empty where the measure has one way of computing it."""
        known = self.declared_measure
        return self.estimator or (known.estimators[0] if known and known.estimators else "")


class IndicatorsFile(Fact):
    """All indicators of a district, and the definitions they rest on."""

    version: Literal[1] = 1
    quality: Quality = Quality()
    attendance: Attendance = Attendance()
    groups: tuple[GroupSet, ...] = ()
    profiles: tuple[Profile, ...] = ()
    indicators: tuple[Indicator, ...]

    @property
    def definitions(self) -> tuple[Profile, ...]:
        """Return the declared definitions, and the shipped ones that indicators name or others replace."""
        declared = {each.profile_id for each in self.profiles}
        named = {name for each in self.indicators for name in (each.profile, *each.also_show)}
        named |= {each.replaces for each in self.profiles if each.replaces}
        shipped = sorted(named & (SHIPPED.keys() - declared))
        return (*self.profiles, *(Profile(profile_id=name, use="shipped") for name in shipped))

    def indicator(self, indicator_id: str) -> Indicator | None:
        """Return one indicator by its id."""
        return next((each for each in self.indicators if each.indicator_id == indicator_id), None)
