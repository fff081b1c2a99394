"""Say an alert in one sentence: how far, how sure, since when, who, what next. No model text, no judgement."""

from dataclasses import dataclass
from datetime import date

from schemas.shown import shown_text


@dataclass(frozen=True)
class AlertFacts:
    """What the sentence says; every number is one the page shows.

    Attributes:
        indicator: Label of the indicator.
        unit: Label of the unit.
        group: Label of the group, empty for everybody.
        value: The newest figure.
        expected: The aim line on its date.
        value_unit: share, score, …
        certainty: clear, likely or possible.
        since_on: First period that was off.
        period_on: Day of the figure: the newest one, or the one that ended the episode.
        owner: Who is asked to act.
        next_step: What the district declared to do.
        state: The state of the alert; resolved and expired ones are over.
        is_back: The newest figure is on the good side of the line, and the episode not over yet.
        is_out_of_reach: The limits of its control chart do not reach the target.
    """

    indicator: str
    unit: str
    group: str
    value: float
    expected: float
    value_unit: str
    certainty: str
    since_on: date
    period_on: date
    owner: str
    next_step: str
    state: str
    is_back: bool = False
    is_out_of_reach: bool = False


def sentence(facts: AlertFacts) -> str:
    """Write the alert as English sentences."""
    about = f"{facts.indicator} at {facts.unit}" + (f" for {facts.group}" if facts.group else "")
    value, expected = (shown_text(number, facts.value_unit) for number in (facts.value, facts.expected))
    if facts.state in {"resolved", "expired"}:
        return f"{about} came back to its aim line on {_day(facts.period_on)}: {value} then, {expected} expected."
    numbers = f"{value} now, {expected} expected"
    if facts.is_back:
        return f"{about} has been off its aim line since {_day(facts.since_on)}; the newest figure is back: {numbers}."
    side = "above" if facts.value > facts.expected else "below"
    since = _day(facts.since_on)
    parts = [
        f"{about} has been {side} its aim line since {since}: {numbers} ({_size(facts)}, {facts.certainty}).",
        "The limits of its control chart do not reach the target." if facts.is_out_of_reach else "",
        f"Owner: {facts.owner}." if facts.owner else "",
        f"Next: {facts.next_step.rstrip('.')}." if facts.next_step else "",
    ]
    return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Outlook:
    """What is to be expected of a year: chance to meet its target, the value, the target; digits of the page."""

    p_meet: float
    expected: float
    target: float


@dataclass(frozen=True)
class YearFacts:
    """What the sentence of a year that will hardly meet its target says; every number is one the page shows.

    Attributes:
        indicator: Label of the indicator.
        unit: Label of the unit.
        group: Label of the group, empty for everybody.
        value: The newest figure.
        value_unit: share, score, ...
        outlook: What is to be expected of the year.
        since_on: The first month that was unlikely.
        period_on: The month that ended the episode.
        owner: Who is asked to act.
        next_step: What the district declared to do.
        is_over: The alert is over.
        is_out_of_reach: The limits of its control chart do not reach the target.
    """

    indicator: str
    unit: str
    group: str
    value: float
    value_unit: str
    outlook: Outlook
    since_on: date
    period_on: date
    owner: str = ""
    next_step: str = ""
    is_over: bool = False
    is_out_of_reach: bool = False


def year_sentence(facts: YearFacts) -> str:
    """Write how likely a year meets its target as English sentences."""
    about, told = f"{facts.indicator} at {facts.unit}", facts.outlook
    value, expected, target = (
        shown_text(number, facts.value_unit) for number in (facts.value, told.expected, told.target)
    )
    if facts.is_over:
        ended = f"{expected} to be expected on {_day(facts.period_on)}"
        return f"{about} may meet this year's target of {target} again: {ended}."
    numbers = f"meeting it is {chance_words(told.p_meet)}, {expected} is to be expected, {value} so far"
    parts = [
        f"{about} has been off its way to this year's target of {target} since {_day(facts.since_on)}: {numbers}.",
        "The limits of its control chart do not reach the target." if facts.is_out_of_reach else "",
        f"Owner: {facts.owner}." if facts.owner else "",
        f"Next: {facts.next_step.rstrip('.')}." if facts.next_step else "",
    ]
    return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class DriftFacts:
    """What the sentence of a departure from a unit's own level says; every number has the digits of the page.

    Attributes:
        indicator: Label of the indicator.
        unit: Label of the unit.
        group: Label of the group, empty for everybody.
        before: The level of the baseline.
        after: The level now.
        value_unit: share, score, ...
        students: How many students of a day the departure comes to; None when nobody knows.
        changed_on: First period after the change.
        state: The state of the alert.
        is_controlled: The share of false alerts is controlled; else their number a year.
        period_kind: week, month or window.
        n_baseline: How many periods tell what is usual; of a rubric's occasion, how many items were compared.
        owner: Who is asked to act.
        next_step: What the district declared to do.
        baseline_days: First and last day of the baseline; None for the first periods of the year.
        kind: concern, improvement, change or district.
        causes: What else may have made it, as ``levels`` names it.
        outlook: Chance to meet the year's target, the target, the value to expect; None where nothing is forecast.
        is_of_entries: Its periods tell who is new in a figure to date.
    """

    indicator: str
    unit: str
    group: str
    before: float
    after: float
    value_unit: str
    students: float | None
    changed_on: date
    state: str
    is_controlled: bool
    period_kind: str
    n_baseline: int
    owner: str = ""
    next_step: str = ""
    baseline_days: tuple[date, date] | None = None
    kind: str = "concern"
    causes: tuple[str, ...] = ()
    outlook: Outlook | None = None
    is_of_entries: bool = False

    @property
    def about(self) -> str:
        """Return what the sentence is about."""
        return f"{self.indicator} at {self.unit}" + (f" for {self.group}" if self.group else "")


CAUSES = {
    "definition_change": "what is counted was defined anew since the baseline began",
    "denominator_jump": "the number of students differs by more than a fifth from the baseline's",
    "calendar_change": "the period has fewer or more days of school than those of the baseline",
    "missing_periods": "some periods since then have no figure",
    "trim": "the answer depends on how many of the most extreme schools are tempered",
    "common_part": "all schools moved the same way, and more than this school by itself",
}
"""What may be behind a departure beside what it seems to be, in words."""


def drift_sentence(facts: DriftFacts) -> str:
    """Write what left its own level as English sentences."""
    before, after = (shown_text(number, facts.value_unit) for number in (facts.before, facts.after))
    if facts.state in {"resolved", "expired"}:
        if facts.kind == "sudden" or facts.is_of_entries:
            return f"{facts.about} is back to what is usual."
        return f"{facts.about} is back at its own level: {after} now, {before} before."
    if facts.kind == "peer":
        term = f"in the term to {_day(facts.changed_on)}: {after}, {before} of all"
        rule = "Rule: funnel that allows for how schools differ; the share of false alerts is controlled."
        return _joined(facts, f"{facts.about} is unusual among the schools {term}.", rule)
    if facts.is_of_entries:
        return _joined(facts, *_entries(facts))
    if facts.kind == "sudden":
        return _joined(facts, *_sudden(facts))
    side = "higher" if facts.after > facts.before else "lower" if facts.after < facts.before else "off its level"
    students = "" if facts.students is None or round(facts.students) < 1 else _about(facts)
    whose = " in all schools alike" if facts.kind == "district" else ""
    told = (
        f"{facts.about} has been {side}{whose} since {_day(facts.changed_on)}: {after} now, {before} before{students}."
    )
    return _joined(facts, told, f"Rule: {_rule(facts)}; compared with {_baseline(facts)}.")


def _entries(facts: DriftFacts) -> tuple[str, str]:
    """Say that more or fewer students became part of a figure; without numbers, since months of it stand on no page."""
    whose = " in all schools alike" if facts.kind == "district" else ""
    way = "more" if facts.after > facts.before else "fewer"
    told = f"{facts.about}: {way} students a month are new in it{whose} since {_day(facts.changed_on)}."
    return told, f"Rule: {_rule(facts)}; compared with {_baseline(facts)}."


def _sudden(facts: DriftFacts) -> tuple[str, str]:
    """Say what a day was like, and the rule; without numbers, since figures of single days stand on no page."""
    way = "above" if facts.after > facts.before else "below"
    told = f"{facts.about} was far {way} on {_day(facts.changed_on)} what the weeks before led to expect."
    return told, "Rule: a single day beside the forty before it; of all schools' days, one false alert in a hundred."


def rubric_sentence(facts: DriftFacts, n_moved: int) -> str:
    """Write how many items of a rubric moved by a level as English sentences."""
    way = "rose" if facts.kind == "improvement" else "fell"
    if facts.state in {"resolved", "expired"}:
        return f"{facts.about}: the newest occasion has no two items that {way} by a level."
    told = f"{facts.about}: {n_moved} of {facts.n_baseline} items {way} by a level or more on {_day(facts.changed_on)}."
    return _joined(facts, told, "Rule: a level on two items; compared with the occasion before.")


def _joined(facts: DriftFacts, told: str, rule: str) -> str:
    causes = "; ".join(CAUSES[each] for each in facts.causes if each in CAUSES)
    parts = [
        told,
        _outlook(facts),
        f"Look first at this: {causes}." if causes else "",
        rule,
        f"Owner: {facts.owner}." if facts.owner and facts.state != "quiet" else "",
        f"Next: {facts.next_step.rstrip('.')}." if facts.next_step else "",
    ]
    return " ".join(part for part in parts if part)


def _rule(facts: DriftFacts) -> str:
    if facts.period_kind == "window":
        return "change of a wave beside the other schools, the share of false alerts is controlled"
    controlled, fixed = "the share of false alerts is controlled", "a fixed number of false alerts a year"
    return f"weighted average, {controlled if facts.is_controlled else fixed}"


def _baseline(facts: DriftFacts) -> str:
    if facts.period_kind == "window":
        return "the same wave of last year"
    if facts.baseline_days is not None:
        first, last = map(_day, facts.baseline_days)
        return f"the {facts.n_baseline} {facts.period_kind}s from {first} to {last}"
    return f"the first {facts.n_baseline} {facts.period_kind}s of the school year"


def _outlook(facts: DriftFacts) -> str:
    """Say how likely the year's target is: downward words below one half, upward words above."""
    told = facts.outlook
    if told is None:
        return ""
    expected, target = (shown_text(number, facts.value_unit) for number in (told.expected, told.target))
    return f"Meeting the year's target of {target} is {chance_words(told.p_meet)}: {expected} is to be expected."


def chance_words(chance: float) -> str:
    """Say a chance in words, from one half up those of the certainty of a status."""
    words = (
        *((0.95, "clear"), (0.80, "likely"), (0.50, "possible")),
        *((0.20, "less likely than not"), (0.05, "unlikely")),
    )
    return next((word for least, word in words if chance >= least), "very unlikely")


def _about(facts: DriftFacts) -> str:
    students = round(facts.students or 0)
    a_day = "" if facts.period_kind == "window" else " a day"
    return f" (about {students} {'student' if students == 1 else 'students'}{a_day})"


def _day(on: date) -> str:
    return f"{on:%B} {on.day}, {on.year}"


def _size(facts: AlertFacts) -> str:
    """Write the distance; shares differ by points, never by percent of a percent."""
    distance = abs(facts.value - facts.expected)
    if facts.value_unit != "share":
        return f"{shown_text(distance, facts.value_unit)} apart"
    points = round(distance * 100)
    return "less than 1 point" if points < 1 else f"{points} point{'s' if points != 1 else ''}"
